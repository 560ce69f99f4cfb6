/** Each reader takes time at most in proportion to a line's length, whatever a client repeats anywhere in the line. */
import { test } from 'uvu';
import { assertLinear, cpuTimeOf } from '../../linear-time.ts';
import { someOf } from '../../runner/share.ts';
import { Dice } from '../hostile-texts.ts';
import { type Kind, lineKinds, ordinary, POLICIES } from '../line-kinds.ts';
import { CLIENT } from '../support.ts';
import type { Sent } from './render.ts';

const LONG = 1_000_000;
const SHORT = LONG / 4;

/** Texts that formats, servers and patterns search for. */
const REPEATED = [
  '"',
  '\\"',
  ' ',
  ', ',
  '\\x22',
  '%25',
  '#22',
  '\\',
  'a',
  '","',
  '[',
  '] [',
  ' - ',
  '/ ',
  `${CLIENT}, `,
  ', client: ',
];
/** The number of these texts that are tried in places other than the target. */
const ELSEWHERE = 7;

const MARK = 'MARKED';

/** An ordinary request that has the mark in one place. */
const PLACES: Readonly<Record<string, Partial<Sent>>> = {
  user: { user: MARK },
  method: { method: MARK },
  target: { target: `/${MARK}` },
  'user agent': { headers: { 'user-agent': MARK, host: 'a' } },
  'X-Forwarded-For': { headers: { 'x-forwarded-for': `${MARK}, ${CLIENT}`, host: 'a' } },
};

/** Each format with a name, some formats that administrators write, and each carrier. */
function kinds(): Kind[] {
  const all = lineKinds();
  const isOwn = ({ name }: Kind): boolean => /^(?:apache|nginx):/.test(name);
  const isCarried = ({ name }: Kind): boolean => /^(?:syslog|journald|docker|cri|compose):/.test(name);
  const formats = new Map(all.filter((kind) => !isOwn(kind)).map((kind) => [kind.format.name, kind]));
  return [
    ...[...formats.values()].filter((kind) => !isCarried(kind)),
    ...all.filter(isOwn).filter((_, index) => index % 5 === 0),
    ...all.filter(({ name }) => /^[a-z]+:combined$/.test(name)),
  ];
}

for (const [index, kind] of kinds().entries()) {
  test(`takes time in proportion to the length of a line of ${kind.name}`, () => {
    for (const [place, parts] of Object.entries(PLACES)) {
      const written = kind.write({ ...ordinary(CLIENT), ...parts }, new Dice(1)).join('\n');
      const at = written.indexOf(MARK);
      if (at < 0) continue;
      const tail = written.slice(at + MARK.length);
      const head = written.slice(0, at);
      const texts = place === 'target' ? REPEATED : REPEATED.slice(0, ELSEWHERE);
      for (const text of someOf(texts, index)) {
        const time = (length: number, end: string) => timeOf(kind, lineOf(head, text, length, end));
        assertLinear([SHORT, LONG], (length) => time(length, tail), `${text} as ${place}`);
        if (place === 'target')
          assertLinear([SHORT, LONG], (length) => time(length, ''), `${text} to the end`);
      }
    }
  });
}

/** @returns a flat string, not a rope, because a line from a file is flat */
const lineOf = (head: string, repeated: string, length: number, tail: string): string =>
  Buffer.concat([
    Buffer.from(head, 'latin1'),
    Buffer.alloc(length, repeated, 'latin1'),
    Buffer.from(tail, 'latin1'),
  ]).toString('latin1');

/** The time that a new reader takes for the line, in milliseconds of CPU. */
function timeOf(kind: Kind, line: string): number {
  const reader = kind.format.newReader(POLICIES['--behind-proxy']);
  for (const each of kind.before ?? []) reader.read(each);
  // Read ordinary lines first: some readers remember the form of the last lines, and try it first.
  for (let i = 0; i < 4; i++) for (const each of kind.write(ordinary(CLIENT), new Dice(1))) reader.read(each);
  return cpuTimeOf(() => reader.read(line));
}

test.run();
