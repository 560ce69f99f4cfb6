import { join } from 'node:path';
import { readIfThere, replaceFile } from '../../base/files.ts';
import type { Home } from '../home.ts';

/** The name of CrowdSec's decisions in the ledger and in the journal. */
export const CROWDSEC = 'crowdsec';

/** The state of the feed from CrowdSec, for doctor, metrics and `serve --status`. Times are ISO 8601. */
export interface FeedState {
  readonly pid: number;
  /** The LAPI, or `stdin`. */
  readonly from: string;
  /** The last pull that succeeded; undefined: none has succeeded since the start. */
  readonly pulled?: string | undefined;
  /** The number of addresses and networks in CrowdSec's decisions. */
  readonly decisions: number;
  /** The reason why the last pull failed. */
  readonly problem?: string | undefined;
  /** The machine that reports; undefined: this host reports nothing. */
  readonly machine?: string | undefined;
  /** The number of decisions reported since the start. */
  readonly reported: number;
  /** Bytes of the journal that the feed has not read yet. */
  readonly unreported: number;
  /** The reason why the last report failed. */
  readonly reportProblem?: string | undefined;
}

const stateFile = ({ data }: Home): string => join(data, 'crowdsec.json');

/** Reads the state that a feed has written last; undefined when no feed has run, or the file is damaged. */
export function readFeedState(home: Home): FeedState | undefined {
  try {
    const state = JSON.parse(readIfThere(stateFile(home)) ?? 'null');
    return typeof state?.from === 'string' ? state : undefined;
  } catch {
    return undefined;
  }
}

/** @throws RiposteError (IOERR, NOPERM) */
export const writeFeedState = (home: Home, state: FeedState): void =>
  replaceFile(stateFile(home), `${JSON.stringify(state)}\n`);
