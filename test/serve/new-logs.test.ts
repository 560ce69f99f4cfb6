import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EX, RiposteError } from '../../base/errors.ts';
import type { EvaluatedLog } from '../../evaluate/evaluated-log.ts';
import { LogReader } from '../../logs/readers/log-format.ts';
import type { SourceLog } from '../../logs/sources/find-logs.ts';
import { Server } from '../../serve/server.ts';
import { visit } from '../lab/access-log.ts';
import { eventually } from '../lab/server.ts';
import { quietService } from './quiet-service.ts';

const test = suite('serve: new logs of a pattern');
const policy = { trustsPeer: false, proxies: undefined };
let root = '';
let said: string[] = [];
let server: Server;

test.before.each(() => {
  root = mkdtempSync(join(tmpdir(), 'riposte-new-'));
  said = [];
  mkdirSync(join(root, 'web'));
  mkdirSync(join(root, 'var/riposte'), { recursive: true });
});
test.after.each(async () => {
  await server.close();
  rmSync(root, { recursive: true });
});

function write(name: string): void {
  writeFileSync(join(root, 'web', name), visit('203.0.113.9'));
}

function open({ name }: SourceLog): EvaluatedLog {
  if (name.includes('forged')) throw new RiposteError(EX.CONFIG, 'a client may fill it with another address');
  return { location: name, reader: new LogReader({ policy, now: Date.now() / 1000 }) };
}

test('reads the other logs and reports the problem when a new log is refused', async () => {
  write('a.log');
  server = new Server(
    quietService(root, [join(root, 'web/*.log')], {
      openLogs: (logs) => logs.map(open),
      say: (text) => said.push(text),
    }),
  );
  await server.start();
  write('b-forged.log');
  write('c.log');
  await eventually('the new log is read', async () => server.state.logs.length >= 2);
  assert.equal(
    server.state.logs.map(({ path }) => path),
    [join(root, 'web/a.log'), join(root, 'web/c.log')],
  );
  const isPrinted = async () =>
    said.some((text) => text.includes('b-forged.log is not read: a client may fill it'));
  await eventually('the refusal of the other new log is printed', isPrinted, {
    orElse: () => said.join('\n'),
  });
});

test.run();
