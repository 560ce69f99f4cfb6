import { readFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { resolve } from 'node:path';
import { homeAt } from '../active-response/home.ts';
import { readFeedState } from '../active-response/operator/feed-state.ts';
import { Host } from '../test/lab/host.ts';
import { Installation } from '../test/lab/installation.ts';
import { eventually } from '../test/lab/server.ts';
import { listedPrefixes } from './feeds.ts';
import { printTable } from './table.ts';

const COUNT = 100_000;
const PORT = 8080;

/** A LAPI in one file: decisions about the addresses of list.json, for four hours from its start. */
const LAPI = `
const list = require('./list.json');
const end = Date.now() + 4 * 3600e3;
const decision = (value, index) => ({
  duration: Math.round((end - Date.now()) / 1000) + 's', id: index + 1, origin: 'lists:x', scenario: 'x/list',
  scope: value.includes('/') ? 'Range' : 'Ip', type: 'ban', value,
});
require('node:http').createServer(({ url }, answer) => {
  const some = url.includes('startup=true') ? list.map(decision) : null;
  answer.end(JSON.stringify({ deleted: null, new: some }));
}).listen(${PORT}, '127.0.0.1', () => console.log('listens'));
`;

/** 100,000 decisions of CrowdSec: the time until all are in place, also after a restart, and the memory of the feed. */
export async function crowdsecBench(node: string): Promise<void> {
  const host = await Host.create('bench');
  const at = await Installation.create(host, node);
  await at.write('list.json', JSON.stringify(listedPrefixes(COUNT)));
  await at.write('lapi.cjs', LAPI);
  await at.write('etc/riposte.crowdsec-key', 'key\n');
  await chmod(`${at.home}/etc/riposte.crowdsec-key`, 0o600);
  await at.write('etc/riposte.conf', `CROWDSEC_URL=http://127.0.0.1:${PORT}\n`);
  const lapi = host.start([node, `${at.home}/lapi.cjs`], { stdin: 'ignore', buffer: false });
  await new Promise((resolve) => lapi.stdout.once('data', resolve));
  const rows: string[][] = [];
  for (const what of ['first start', 'restart']) rows.push([what, ...(await untilPulled(host, at, node))]);
  printTable('100,000 decisions of CrowdSec', ['', 's', 's of CPU', 'MB', 'goal: s, MB'], rows);
  lapi.kill();
  await lapi;
  await host.remove();
  await at.remove();
}

async function untilPulled(host: Host, at: Installation, node: string): Promise<string[]> {
  const words = [node, resolve('dist/riposte.js'), 'feed', 'crowdsec', '--home', at.home];
  const began = performance.now();
  const feed = host.start(words, { stdin: 'ignore', buffer: false });
  const isDone = async () => {
    const state = readFeedState(homeAt(at.home));
    return state?.pid === feed.pid && state?.pulled !== undefined;
  };
  await eventually('all decisions are in place', isDone, { patience: 600_000 });
  const wall = (performance.now() - began) / 1000;
  const { cpu, peak } = costOf(Number(feed.pid));
  feed.kill();
  await feed;
  return [wall.toFixed(1), cpu.toFixed(1), peak.toFixed(0), '20, 400'];
}

/** The CPU seconds of a process and its children that have ended, and the peak of its resident memory in MB. */
function costOf(pid: number): { readonly cpu: number; readonly peak: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0);
  const [, kilobytes] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return { cpu: ticks / 100, peak: Number(kilobytes) / 1024 };
}
