import { mkdirSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../../active-response/home.ts';
import type { Io } from '../../../base/io.ts';
import { reportPosition } from '../../../notify/abuseipdb/report-queue.ts';
import { sendReports } from '../../../serve/abuseipdb/send-reports.ts';
import { temporaryDirectory } from '../../active-response/support.ts';

test('does nothing without the setting, even if the old position cannot be removed', async () => {
  const home = homeAt(temporaryDirectory());
  // A directory at the file's path cannot be removed as a file, like a file on a read-only disk.
  mkdirSync(reportPosition(home), { recursive: true });
  const said: unknown[] = [];
  assert.is(await sendReports(home, { env: {} } as Io, (each) => said.push(each)), 0);
  assert.equal(said, []);
});

test.run();
