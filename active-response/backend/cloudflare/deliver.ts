import { mkdirSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { asRiposteError, EX, type ExitCode, RiposteError } from '../../../base/errors.ts';
import { tryLock } from '../../../base/lock.ts';
import { hasBegun } from '../../../base/start-once.ts';
import type { Home } from '../../home.ts';
import { loadSettings } from '../../settings/load.ts';
import { valuesOf } from '../../settings/settings.ts';
import { CLOUDFLARE_SETTINGS, listAccess } from './access.ts';
import { CloudflareList, Later } from './api.ts';
import { Delivery } from './delivery.ts';
import { deliveryFiles, readState, writeState } from './state.ts';

/** The time to gather changes before a delivery, in milliseconds, because alerts often come in groups. */
const GATHER = 1000;

/** The time limit of a delivery for which no caller waits, in seconds. */
const UNHURRIED = 600;

/** The time between two attempts to take the lock, in milliseconds. */
const LOOK = 200;

/** The maximum delay of the kernel's clock for files, in milliseconds. */
const TOLERANCE = 50;

/** The maximum number of retries of an unanswered request in one delivery. */
const ATTEMPTS = 3;

/**
 * Makes the list at Cloudflare agree with the ledger, and continues while the ledger changes. Only one process
 * delivers.
 *
 * @param seconds the time limit, which includes waiting for another process that delivers; the next sweep delivers the
 * remaining changes. Undefined when no caller waits: if another process is already delivering, this process returns at
 * once, because the other process also delivers these changes
 */
export async function deliver(home: Home, script: string, seconds: number | undefined): Promise<ExitCode> {
  const files = deliveryFiles(home);
  mkdirSync(dirname(files.lock), { recursive: true, mode: 0o750 });
  const deadline = Date.now() + (seconds ?? UNHURRIED) * 1000;
  for (;;) {
    const release = tryLock(files.lock);
    hasBegun(files.announcement);
    if (release === undefined) {
      // The lock's holder looks for changes again after it has released the lock.
      if (seconds === undefined || Date.now() > deadline) return seconds === undefined ? EX.OK : EX.TEMPFAIL;
      await sleep(LOOK);
      continue;
    }
    let [code, began]: [ExitCode, number] = [EX.OK, 0];
    try {
      if (seconds === undefined) await sleep(GATHER);
      began = Date.now() - TOLERANCE;
      code = await deliverOnce(home, script, deadline);
    } finally {
      release();
    }
    if (code !== EX.OK || lastChange(files.wanted) < began) return code;
  }
}

const lastChange = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

async function deliverOnce(home: Home, script: string, deadline: number): Promise<ExitCode> {
  const hasTime = (seconds: number) => Date.now() + seconds * 1000 < deadline;
  const wait = async (seconds: number) => {
    if (!hasTime(seconds))
      throw new Later('Cloudflare is still busy; the next sweep continues the delivery', seconds, true);
    await sleep(seconds * 1000);
  };
  const delivery = new Delivery(home, script, `riposte ${hostname()}`);
  try {
    const list = new CloudflareList(listAccess(valuesOf(CLOUDFLARE_SETTINGS, settingsOf(home))), wait);
    const { notBefore = 0 } = readState(home);
    if (notBefore > Date.now()) await wait((notBefore - Date.now()) / 1000);
    for (let attempt = 1; ; attempt++) {
      try {
        await delivery.make(list);
        return EX.OK;
      } catch (error) {
        if (!(error instanceof Later)) throw error;
        if (!error.isUsual) {
          if (attempt === ATTEMPTS) throw error;
        } else if (error.seconds > 0) {
          writeState(home, { ...readState(home), notBefore: Date.now() + error.seconds * 1000 });
        }
        if (!hasTime(error.seconds)) throw error;
        await sleep(error.seconds * 1000);
      }
    }
  } catch (thrown) {
    const error = asRiposteError(thrown);
    if (!(error instanceof Later && error.isUsual)) delivery.fail(error);
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
}

/** Ignores wrong lines of riposte.conf: they must not keep an address in the list. */
const settingsOf = (home: Home) => loadSettings(home.settings, new Map(), () => {}, CLOUDFLARE_SETTINGS);

/** Parses the words `--deliver [SECONDS]`; undefined for other words. */
export function deliveryIn([option, text]: readonly string[]): { seconds: number | undefined } | undefined {
  if (option !== '--deliver') return undefined;
  if (text === undefined) return { seconds: undefined };
  if (/^\d{1,4}$/.test(text)) return { seconds: Number(text) };
  throw new RiposteError(EX.USAGE, '--deliver takes a number of seconds');
}
