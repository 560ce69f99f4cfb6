import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../active-response/home.ts';
import { loadSettings } from '../../active-response/settings/load.ts';
import type { EvaluatedLog } from '../../evaluate/evaluated-log.ts';
import { SourceGuard } from '../../evaluate/source-guard.ts';
import { readKnownFormats, writeKnownFormats } from '../../logs/formats/known-formats.ts';
import { TrustedProxies } from '../../logs/proxies/trusted-proxies.ts';
import { LogReader } from '../../logs/readers/log-format.ts';
import { MOST_MATCHES } from '../../logs/sources/expand.ts';
import type { SourceLog } from '../../logs/sources/find-logs.ts';
import { Server } from '../../serve/server.ts';
import type { Service } from '../../serve/service.ts';
import { morfeus, visit } from '../lab/access-log.ts';
import { eventually } from '../lab/server.ts';
import { quietService } from './quiet-service.ts';

const test = suite('serve: warnings about sources');
const policy = { trustsPeer: false, proxies: undefined };
let root = '';
let said: string[] = [];
let server: Server | undefined;

test.before.each(() => {
  root = mkdtempSync(join(tmpdir(), 'riposte-warn-'));
  said = [];
  mkdirSync(join(root, 'var/riposte'), { recursive: true });
});
test.after.each(async () => {
  await server?.close();
  rmSync(root, { recursive: true });
});

const open = (log: SourceLog): EvaluatedLog => ({
  location: log.name,
  unit: log.kind === 'journal' ? log.unit : undefined,
  reader: new LogReader({ policy, now: Date.now() / 1000 }),
});

async function serve(logs: readonly string[], more: Partial<Service> = {}): Promise<void> {
  server = new Server(
    quietService(root, logs, {
      openLogs: (found) => found.map(open),
      say: (text) => said.push(text),
      ...more,
    }),
  );
  await server.start();
}

const isPrinted = (text: string): Promise<void> =>
  eventually(`the server says '${text}'`, async () => said.some((each) => each.includes(text)));

test('warns once when a log’s format does not say which lines come from standard error', async () => {
  const log = join(root, 'web.log');
  writeFileSync(log, `web-1  | ${visit('203.0.113.9')}`);
  await serve([log]);
  await isPrinted(
    `${log} is read as compose:combined, which does not say which lines come from standard error`,
  );
  assert.is(said.filter((text) => text.includes('standard error')).length, 1);
});

test('warns at startup when systemd does not know the unit of a journal', async () => {
  const asked: string[] = [];
  await serve(['journal:web'], {
    problemOfJournal: (unit) => {
      asked.push(unit);
      return { seen: 'systemd has no such unit', fix: 'correct LOGS' };
    },
  });
  assert.equal(asked, ['web.service']);
  assert.ok(said.includes('systemd has no such unit; correct LOGS'), said.join('\n'));
});

test('warns once for each CDN when its proxies appear as clients', async () => {
  const log = join(root, 'web.log');
  writeFileSync(log, visit('203.0.113.9'));
  await serve([log]);
  appendFileSync(log, visit('173.245.48.9'));
  await isPrinted('requests come from proxies of cloudflare');
  appendFileSync(log, visit('173.245.48.10'));
  await eventually('the server warns of another CDN', async () => {
    appendFileSync(log, visit('151.101.0.9'));
    return said.some((text) => text.includes('add fastly to TRUSTED_PROXIES'));
  });
  assert.is(said.filter((text) => text.includes('cloudflare')).length, 1, said.join('\n'));
});

test('does not warn about proxies that TRUSTED_PROXIES names', async () => {
  const log = join(root, 'web.log');
  writeFileSync(log, visit('203.0.113.9'));
  const trusting = { trustsPeer: false, proxies: new TrustedProxies(['cloudflare']) };
  await serve([log], {
    openLogs: (found) =>
      found.map((each) => ({ location: each.name, reader: new LogReader({ policy: trusting, now: 0 }) })),
  });
  appendFileSync(log, visit('173.245.48.9') + visit('151.101.0.9'));
  await isPrinted('fastly');
  assert.not(said.some((text) => text.includes('cloudflare')));
});

test('does not block a proxy of a CDN, and warns about it', async () => {
  const log = join(root, 'web.log');
  writeFileSync(log, visit('203.0.113.9'));
  await serve([log]);
  // The server must find the proxy although the first request after the server's last check comes from another client.
  appendFileSync(log, visit('203.0.113.9') + morfeus('173.245.48.9'));
  await isPrinted('requests come from proxies of cloudflare');
  await isPrinted('173.245.48.9: rule 117100 (level 10) in ');
  await isPrinted('held: it is a proxy of cloudflare');
});

test('warns once about a source that many clients share, and does not block it', async () => {
  const log = join(root, 'web.log');
  writeFileSync(log, visit('203.0.113.9'));
  const guard = new SourceGuard({ home: homeAt(root), settings: loadSettings([], new Map()), env: {} });
  await serve([log], { guard });
  const now = Math.floor(Date.now() / 1000);
  for (let i = 0; i < 2200; i++) {
    const record = { userAgent: `Client/${i % 20}`, status: '200' };
    guard.shared.note('203.0.113.9', record, now - 8000 + i * 3.6, now - 8000);
  }
  await isPrinted(
    'many visitors come through 203.0.113.9, as through a NAT or a proxy, so Riposte does not block it',
  );
  appendFileSync(log, morfeus('203.0.113.9'));
  await isPrinted('held: many visitors come through it');
  assert.is(said.filter((text) => text.includes('add it to TRUSTED_PROXIES')).length, 1, said.join('\n'));
});

test('warns at startup when a pattern matches more logs than the server reads', async () => {
  mkdirSync(join(root, 'web'));
  for (let i = 0; i <= MOST_MATCHES; i++) writeFileSync(join(root, `web/${i}.log`), '');
  await serve([join(root, 'web/*.log')], { openLogs: (found) => found.slice(0, 1).map(open) });
  assert.ok(
    said.some((text) =>
      text.includes('matches more than 2000 logs: Riposte reads only the 2000 that were written last'),
    ),
    said.join('\n'),
  );
});

test('removes the formats of deleted logs from formats.json', async () => {
  const log = join(root, 'web.log');
  writeFileSync(log, visit('203.0.113.9').repeat(20));
  const old = { format: 'combined', origin: 'lines', isFirm: true, since: '2026-11-20T09:00:00Z' } as const;
  const formats = { [join(root, 'gone.log')]: old };
  writeKnownFormats(join(root, 'var/riposte'), formats);
  await serve([log], { formats });
  assert.equal(Object.keys(readKnownFormats(join(root, 'var/riposte'))), [log]);
});

test.run();
