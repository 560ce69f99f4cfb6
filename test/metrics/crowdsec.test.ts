import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../active-response/home.ts';
import { type FeedState, writeFeedState } from '../../active-response/operator/feed-state.ts';
import { crowdsecMetrics } from '../../metrics/crowdsec.ts';

const STATE: FeedState = { pid: 1, from: 'http://127.0.0.1:8080', decisions: 3, reported: 2, unreported: 0 };

test('says whether the last pull and the last report have succeeded', () => {
  const root = mkdtempSync(join(tmpdir(), 'riposte-metrics-'));
  try {
    const home = homeAt(root);
    const values = () =>
      Object.fromEntries(
        crowdsecMetrics(home).map(({ name, samples }) => [
          name.replace('riposte_crowdsec_', ''),
          samples[0]?.value,
        ]),
      );
    assert.equal(values(), {});
    mkdirSync(home.data, { recursive: true });
    writeFeedState(home, { ...STATE, pulled: '2026-11-20T10:00:00.000Z' });
    assert.equal(values(), { up: 1, last_pull_timestamp_seconds: 1_795_168_800, decisions: 3 });
    writeFeedState(home, { ...STATE, problem: 'x', machine: 'web1', reportProblem: 'y' });
    assert.equal(values(), { up: 0, decisions: 3, reported_total: 2, report_up: 0, unreported_bytes: 0 });
  } finally {
    rmSync(root, { recursive: true });
  }
});

test.run();
