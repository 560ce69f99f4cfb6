import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../../active-response/home.ts';
import { loadAbuseipdbSettings } from '../../../active-response/settings/abuseipdb-settings.ts';
import { deliverReports } from '../../../notify/abuseipdb/deliver-reports.ts';
import { putReport, queuedReports } from '../../../notify/abuseipdb/report-queue.ts';
import { temporaryDirectory } from '../../active-response/support.ts';
import { AbuseServer, KEY } from '../../lab/abuseipdb.ts';

test('leaves reports to the next run when AbuseIPDB answers slowly, so that the sweep ends', async () => {
  const home = homeAt(temporaryDirectory());
  const abuse = await AbuseServer.start();
  const { now } = performance;
  let passed = 0;
  performance.now = () => now.call(performance) + passed;
  try {
    abuse.instead = (response) => {
      passed += 40_000;
      response.end('{"data":{}}');
    };
    mkdirSync(join(home.root, 'etc'));
    writeFileSync(join(home.root, 'etc/riposte.abuseipdb'), `KEY=${KEY}\nURL=${abuse.url}\n`, {
      mode: 0o600,
    });
    const time = new Date().toISOString();
    for (const last of [1, 2, 3, 4])
      putReport(home, { address: `203.0.113.${last}`, categories: '21', comment: 'x', rule: '117053', time });
    const settings = loadAbuseipdbSettings([]);
    for (const left of [2, 0]) {
      await deliverReports({ home, settings, env: process.env, onOutcome: () => {} });
      assert.is(queuedReports(home).length, left);
    }
  } finally {
    performance.now = now;
    await abuse.stop();
  }
});

test.run();
