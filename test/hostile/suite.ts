import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'uvu';
import * as assert from 'uvu/assert';
import { Host } from '../lab/host.ts';
import { nginxProgram } from '../lab/nginx.ts';
import { labSuite, skippedSuite } from '../lab/suite.ts';
import { LANES } from './lanes.ts';
import {
  canSendBy,
  HostileSite,
  lanesHere,
  loggedClients,
  logsEveryClient,
  type Recording,
  type Setting,
  writeTruth,
} from './recording.ts';
import type { HostileRequest } from './requests.ts';
import { type Answer, faults } from './verdict.ts';

/** A recording to make: its name, and its requests. */
export interface Wanted {
  readonly name: string;
  readonly requests: (time: Date) => readonly HostileRequest[];
  /** 6 sends over IPv6, to the servers that have no proxy in front of them. */
  readonly family?: 4 | 6;
}

/** The parts that the tests of a suite share. */
export interface Scene {
  readonly test: Test;
  recording(name: string): Recording;
  /** The names, such as `apache.combined`, of all settings that this machine can record for this address family. */
  settingNames(family?: 4 | 6): string[];
  /** A host for `riposte serve`. */
  readonly host: () => Host;
}

/**
 * Creates a suite. Before its tests, real servers write its logs. If RIPOSTE_HOSTILE_LOGS names a directory, the logs
 * stay there, with a truth.json beside them.
 */
export async function hostileSuite(name: string, wanted: readonly Wanted[]): Promise<Scene> {
  const isThere = (await nginxProgram()) !== undefined;
  const test = isThere
    ? labSuite(name, 'apache2', 'openssl')
    : skippedSuite(name, 'nginx (by apt-get download)');
  const lanes = isThere ? await lanesHere() : LANES;
  for (const { name: lane, needs } of LANES.filter((lane) => !lanes.includes(lane)))
    console.log(`skipped: ${name}: ${lane}: needs ${needs} (by apt-get download)`);
  const recordings = new Map<string, Recording>();
  const kept = process.env.RIPOSTE_HOSTILE_LOGS;
  let directory = '';
  let host: Host | undefined;

  test.before(async () => {
    directory = kept ?? (await mkdtemp(join(tmpdir(), 'riposte-hostile-')));
    const site = await HostileSite.create();
    if (site === undefined) throw new Error('nginx is missing');
    try {
      for (const { name: recording, requests, family } of wanted) {
        const place = join(directory, recording);
        const recorded = await site.record(requests(new Date()), place, family);
        await writeTruth(place, recorded);
        recordings.set(recording, recorded);
      }
    } finally {
      await site.remove();
    }
    host = await Host.create('logs');
  });
  test.after(async () => {
    await host?.remove();
    if (kept === undefined) await rm(directory, { recursive: true, force: true });
  });

  return {
    test,
    recording: (recording) => {
      const recorded = recordings.get(recording);
      if (recorded === undefined) throw new Error(`there is no recording ${recording}`);
      return recorded;
    },
    settingNames: (family = 4) =>
      lanes
        .filter((lane) => canSendBy(lane, family))
        .flatMap((lane) => lane.logs.map((log) => `${lane.name}.${log.name}`)),
    host: () => {
      if (host === undefined) throw new Error('there is no host');
      return host;
    },
  };
}

/** Finds a setting. @throws Error when the recording has no such setting */
export function settingOf({ settings }: Recording, name: string): Setting {
  const setting = settings.find((one) => one.name === name);
  if (setting === undefined) throw new Error(`there is no setting ${name}`);
  return setting;
}

/** Asserts that the answer names only addresses of clients, and blocks every client that attacks. */
export async function assertSound(setting: Setting, answer: Answer | undefined): Promise<void> {
  if (answer === undefined) return;
  const found = await faults(setting, answer);
  if (found.length === 0) return;
  assert.unreachable(`${setting.name}: ${found.length} faults\n${found.slice(0, 40).join('\n')}`);
}

/** Asserts that the servers which clients reach directly have logged every request. */
export async function assertAllLogged({ settings }: Recording): Promise<void> {
  for (const { name, path, lane, log, sent } of settings) {
    if (!logsEveryClient(log) || lane.through) continue;
    if (lane.server === 'proxy') continue;
    const logged = await loggedClients(path);
    const missing = sent.filter(({ client }) => !logged.has(client)).map(({ request }) => request.name);
    assert.equal(missing, [], `${name} lacks requests`);
  }
}
