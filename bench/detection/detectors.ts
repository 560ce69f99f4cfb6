import { resolve } from 'node:path';
import { crowdsec } from './crowdsec.ts';
import { fail2ban } from './fail2ban.ts';
import { timed } from './timed.ts';

/** The result of one program on one log. */
export interface Found {
  /** The addresses that it would block. */
  readonly blocked: ReadonlySet<string>;
  /** Seconds of CPU, including the start of the program. */
  readonly cpu: number;
}

/** A program that finds attackers in a log. */
export interface Detector {
  readonly name: string;
  /** @returns undefined if the program is not installed */
  find(log: string): Promise<Found | undefined>;
}

const riposte: Detector = {
  name: 'Riposte',
  find: async (log) => {
    const { stdout, cpu } = await timed([
      process.execPath,
      resolve('dist/riposte.js'),
      'replay',
      '--json',
      log,
    ]);
    const lines = stdout.split('\n').filter((line) => line !== '');
    const blocks = lines
      .map((line) => JSON.parse(line))
      .filter(({ address, refused, held }) => address && !refused && !held);
    return { blocked: new Set(blocks.map(({ address }) => address)), cpu };
  },
};

export const DETECTORS: readonly Detector[] = [riposte, fail2ban, crowdsec];
