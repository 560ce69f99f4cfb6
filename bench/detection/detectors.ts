import { resolve } from 'node:path';
import { crowdsec } from './crowdsec.ts';
import type { Detector } from './detector.ts';
import { fail2ban } from './fail2ban.ts';
import { timed } from './timed.ts';

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
