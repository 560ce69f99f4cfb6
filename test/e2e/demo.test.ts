import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { labSuite } from '../lab/suite.ts';
import { PATH } from '../lab/tools.ts';

const test = labSuite('npm start', 'nft', 'apache2', 'ss');
const demo = ['build/run-ts.mjs', 'test/demo/main-job.ts'];

test('exits with 0 when the demo passes', async () => {
  const { exitCode, stdout } = await execa(process.execPath, demo, { reject: false, env: { PATH } });
  assert.is(exitCode, 0, stdout);
  assert.is(stdout.match(/no answer|HTTP 403/g)?.length, 4);
  assert.match(stdout, /All as it should be\.$/);
  const [, file = ''] = /The report of this demo: (\S+)/.exec(stdout) ?? [];
  const [, json = ''] = /id="data">(.*?)<\/script>/s.exec(await readFile(file, 'utf8')) ?? [];
  const { alerts, fates, now } = JSON.parse(json);
  assert.equal([alerts, fates.blocked, now.total], [4, 4, 0]);
  assert.match(stdout, /^ +4 alerts about 1 address in 1 network: 4 blocked/m);
});

test('fails and names the missing programs when they are not in PATH', async () => {
  const env = { PATH: '/nonexistent' };
  const { exitCode, stderr } = await execa(process.execPath, demo, { reject: false, extendEnv: false, env });
  assert.is(exitCode, 1);
  assert.match(stderr, /missing: .*curl/);
});

test.run();
