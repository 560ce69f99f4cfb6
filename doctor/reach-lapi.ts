import { loadCrowdsecSettings } from '../active-response/settings/crowdsec-settings.ts';
import { RiposteError } from '../base/errors.ts';
import { Lapi } from '../serve/crowdsec/lapi.ts';
import type { Examination } from './examination.ts';
import { type Finding, ok, problem } from './finding.ts';

const TOPIC = 'CrowdSec LAPI';

/** Checks that the LAPI of CROWDSEC_URL answers, and accepts the key and the machine. Pulls and reports nothing. */
export async function reachLapi({ home, isRoot }: Examination): Promise<Finding[]> {
  const settings = loadCrowdsecSettings(home.settings, () => {});
  if (!isRoot || settings.crowdsecUrl === '') return [];
  const lapi = new Lapi(home, settings);
  const judged = async (work: () => Promise<unknown>, seen: string): Promise<Finding> => {
    try {
      await work();
      return { topic: TOPIC, ...ok(seen) };
    } catch (error) {
      if (!(error instanceof RiposteError)) throw error;
      return { topic: TOPIC, ...problem(error.message, 'see CROWDSEC_URL, and docs/crowdsec.md') };
    }
  };
  return [
    await judged(() => lapi.check(), `${lapi.origin} answers, and accepts the key`),
    ...(settings.crowdsecMachine === ''
      ? []
      : [await judged(() => lapi.login(), `${lapi.origin} accepts the machine ${settings.crowdsecMachine}`)]),
  ];
}
