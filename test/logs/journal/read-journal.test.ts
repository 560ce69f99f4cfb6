import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../../active-response/home.ts';
import { RiposteError } from '../../../base/errors.ts';
import {
  isPosition,
  journalPosition,
  type Position,
  readPositions,
  writePositions,
} from '../../../logs/files/position.ts';
import { JournalReading } from '../../../logs/journal/read-journal.ts';
import { temporaryDirectory } from '../../active-response/support.ts';
import { messageOf, StandInJournal } from '../stand-in-journal.ts';

const test = suite('read-journal');
const PATH = process.env.PATH;
let journal: StandInJournal;

test.before.each(() => {
  journal = new StandInJournal(temporaryDirectory());
  process.env.PATH = journal.directory;
});
test.after.each(() => {
  process.env.PATH = PATH;
});

async function read(from: Position | undefined) {
  const reading = new JournalReading('web.service', from);
  const [context, news]: [string[], string[]] = [[], []];
  for await (const { lines, isContext } of reading.read())
    (isContext ? context : news).push(...lines.map(messageOf));
  return { context, news, position: reading.position, isLost: reading.isLost };
}

test('reads all lines of a unit, and then the new lines, with earlier lines as context', async () => {
  for (const message of ['a', 'b']) journal.add(message);
  journal.add('x', 'other.service');
  const first = await read(undefined);
  assert.equal([first.context, first.news, first.isLost], [[], ['a', 'b'], false]);
  assert.equal((await read(first.position)).news, []);
  journal.add('c');
  const second = await read(first.position);
  assert.equal([second.context, second.news, second.isLost], [['a', 'b'], ['c'], false]);
  journal.add('d');
  assert.equal((await read(second.position)).context, ['a', 'b', 'c']);
});

test('keeps its position when nothing is new', async () => {
  journal.add('a');
  const { position } = await read(undefined);
  assert.equal((await read(position)).position, position);
});

test('reads from the position’s time when the position has no cursor', async () => {
  for (const message of ['a', 'b', 'c']) journal.add(message);
  const time = new Date(journal.timeOf(1) / 1000).toISOString();
  const { news, context } = await read(journalPosition({ time }));
  assert.equal([news, context], [['b', 'c'], []]);
});

test('says that lines are lost when the last line is no longer in the journal', async () => {
  for (const message of ['a', 'b']) journal.add(message);
  const { position } = await read(undefined);
  journal.forget();
  journal.add('c');
  const { news, context, isLost } = await read(position);
  assert.equal([news, context, isLost], [['c'], [], true]);
});

test('reads at most the last 512 KB as context', async () => {
  for (let i = 0; i < 10; i++) journal.add(`${i}${'x'.repeat(100_000)}`);
  const { position } = await read(undefined);
  const { context } = await read(position);
  assert.equal(
    context.map((message) => message[0]),
    ['4', '5', '6', '7', '8', '9'],
  );
});

test('reads a message of 900 KB whole, and marks a message of 20 MB as cut', async () => {
  journal.add('x'.repeat(900_000));
  journal.add('y'.repeat(20_000_000));
  journal.add('z');
  const cut: number[] = [];
  for await (const { lines } of new JournalReading('web.service', undefined).read())
    cut.push(...lines.map((line) => Math.sign(line.cut)));
  assert.equal(cut, [0, 1, 0]);
});

test('reads from the position’s time when journalctl refuses the cursor', async () => {
  for (const message of ['a', 'b', 'c']) journal.add(message);
  const time = new Date(journal.timeOf(1) / 1000).toISOString();
  const { news, isLost } = await read(journalPosition({ time, cursor: 'damaged' }));
  assert.equal([news, isLost], [['b', 'c'], true]);
});

async function failureOf(from: Position | undefined): Promise<RiposteError> {
  const error = await read(from).catch((error) => error);
  assert.instance(error, RiposteError);
  return error;
}

test('repeats journalctl’s error when journalctl fails, and reports a missing journalctl', async () => {
  writeFileSync(
    join(journal.directory, 'complaint'),
    'Hint: x\nNo journal files were opened: permission denied.\n',
  );
  const failed = await failureOf(undefined);
  assert.is(failed.exitCode, 69);
  assert.is(
    failed.message,
    'cannot read the journal of web.service: journalctl: No journal files were opened: permission denied.',
  );
  process.env.PATH = '/nowhere';
  const missing = await failureOf(undefined);
  assert.is(missing.exitCode, 69);
  assert.match(missing.message, /^journalctl is not in PATH \(\/nowhere\); install systemd$/);
});

test('keeps positions in the journal beside positions in files, in a form that older versions accept', () => {
  const home = homeAt(temporaryDirectory());
  const position = journalPosition({ time: '2026-11-20T09:00:00.000Z', cursor: 's=1;t=2' });
  assert.ok(isPosition(position));
  assert.equal([position.offset, position.head.length, typeof position.head.hash], [0, 0, 'string']);
  writePositions(home.data, { 'journal:web.service': position });
  assert.equal(readPositions(home.data), { 'journal:web.service': position });
  assert.not(isPosition({ ...position, cursor: 7 }));
});

test.run();
