import type { Home } from '../active-response/home.ts';
import { readFeedState } from '../active-response/operator/feed-state.ts';
import { type Family, single } from './family.ts';

/** The metrics of the feed from CrowdSec; none if the feed has never run. */
export function crowdsecMetrics(home: Home): Family[] {
  const state = readFeedState(home);
  if (state === undefined) return [];
  const gauge = (name: string, help: string, value: number) =>
    single(`riposte_crowdsec_${name}`, 'gauge', help, value);
  const { pulled, problem, decisions, machine, reported, unreported, reportProblem } = state;
  return [
    gauge(
      'up',
      '1 if the last pull of CrowdSec’s decisions succeeded, else 0.',
      problem === undefined ? 1 : 0,
    ),
    ...(pulled === undefined
      ? []
      : [
          gauge(
            'last_pull_timestamp_seconds',
            'When CrowdSec’s decisions were last pulled, in seconds since 1970.',
            Date.parse(pulled) / 1000,
          ),
        ]),
    gauge('decisions', 'The addresses and networks that CrowdSec’s decisions name.', decisions),
    ...(machine === undefined
      ? []
      : [
          single(
            'riposte_crowdsec_reported_total',
            'counter',
            'Blocks of this host that were reported to CrowdSec since the feed has started.',
            reported,
          ),
          gauge(
            'report_up',
            '1 if the last report to CrowdSec succeeded, else 0.',
            reportProblem === undefined ? 1 : 0,
          ),
          gauge('unreported_bytes', 'Bytes of the journal that were not yet read for CrowdSec.', unreported),
        ]),
  ];
}
