import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../active-response/home.ts';
import { realExecutor } from '../../base/execute.ts';
import { BatchHandler } from '../../daemon/batch-handler.ts';
import type { PersistentProcesses } from '../../daemon/persistent-processes.ts';
import { directoryOfPrograms, temporaryDirectory } from '../active-response/support.ts';

/** The line in the log for a request on a host without any firewall. */
async function logOf(...words: string[]): Promise<string> {
  const home = homeAt(temporaryDirectory());
  for (const path of ['etc', 'logs']) mkdirSync(join(home.root, path), { recursive: true });
  writeFileSync(home.allowList, '203.0.113.0/24\n');
  const processes = { executor: realExecutor } as never as PersistentProcesses;
  const handler = new BatchHandler(home, processes, () => {});
  const script = join(home.root, 'active-response/bin/firewall-drop.js');
  const env = { PATH: directoryOfPrograms({ ip: '' }) };
  const client = { name: '7-1.0', response: 'firewall-drop', script, env, slot: 0, message: '', words };
  await handler.answer([client], new Map());
  return readFileSync(join(home.root, 'logs/active-responses.log'), 'utf8');
}

test('says that an address is protected, also on a host without a firewall', async () => {
  assert.match(await logOf('add', '-', '203.0.113.9'), 'never blocked: in the allow list');
});

test('says that there is no firewall on a host without a firewall', async () => {
  assert.match(await logOf('add', '-', '198.51.100.1'), 'no firewall');
});

test.run();
