import { existsSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RequestJudge } from '../../judgement/request-judge.ts';
import { combined } from '../../logs/readers/combined.ts';

interface Behaviour {
  readonly name: string;
  readonly expect: 'blocked' | 'not blocked';
  readonly lines: readonly string[];
}

/** Cases that are kept beside the repository, if they exist. The repository's own cases are in behaviours.test.ts. */
const FILE = ['../shared/cases', '../../shared/cases']
  .map((directory) => `${directory}/behaviours.jsonl`)
  .find((file) => existsSync(file));

const OPTIONS = { policy: { trustsPeer: false, proxies: undefined }, now: Date.parse('2026-01-01') / 1000 };
const test = suite('shared behaviours');

for (const text of FILE === undefined ? [] : readFileSync(FILE, 'utf8').trim().split('\n')) {
  const { name, expect, lines }: Behaviour = JSON.parse(text);
  test(`${expect === 'blocked' ? 'finds' : 'accepts'}: ${name}`, () => {
    const judge = new RequestJudge();
    const reader = combined.newReader(OPTIONS);
    const verdicts = lines.flatMap((line) => {
      const reading = reader.read(line);
      assert.is(reading.kind, 'access', line);
      if (reading.kind !== 'access') return [];
      return judge.judge(reading, reading.time ?? 0) ?? [];
    });
    assert.is(verdicts.length > 0, expect === 'blocked', JSON.stringify(verdicts));
  });
}

test.run();
