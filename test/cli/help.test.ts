import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { allVerbs, verbGroups } from '../../cli/verbs/verbs.ts';
import { riposte } from './io.ts';

const groups = await verbGroups();

test('lists the verbs by purpose', async () => {
  const { out, exitCode } = await riposte(['help']);
  assert.is(exitCode, 0);
  const headings = [...out.matchAll(/^(\w[\w ]*):$/gm)].map(([, heading]) => heading);
  assert.equal(headings, ['Set up', 'Watch', 'Act', 'Judge']);
  const [, ...sections] = out.split(/^\w[\w ]*:$/m);
  const listed = sections.map((section) =>
    [...section.matchAll(/^ {2}([a-z\d]+) /gm)].map(([, name]) => name),
  );
  assert.equal(
    listed,
    Object.values(groups).map((verbs) => Object.keys(verbs)),
  );
});

test('puts each verb into one group', async () => {
  const grouped = Object.values(groups).flatMap((verbs) => Object.keys(verbs));
  assert.equal([...new Set(grouped)], grouped);
  assert.equal(grouped.sort(), Object.keys(await allVerbs()).sort());
});

test('keeps the list of verbs within 100 columns', async () => {
  const { out } = await riposte(['help']);
  for (const line of out.split('\n')) assert.ok(line.length <= 100, line);
});

test.run();
