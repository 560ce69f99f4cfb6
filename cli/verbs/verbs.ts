import type { Verb } from '../verb.ts';
import { allow } from './allow.ts';
import { block } from './block.ts';
import { completion } from './completion.ts';
import { doctor } from './doctor.ts';
import { fire } from './fire.ts';
import { history } from './history.ts';
import { install } from './install.ts';
import { logtest } from './logtest.ts';
import { mail } from './mail.ts';
import { metrics } from './metrics.ts';
import { munin } from './munin.ts';
import { replay } from './replay.ts';
import { report } from './report.ts';
import { respond } from './respond.ts';
import { ruletest } from './ruletest.ts';
import { scan } from './scan.ts';
import { serve } from './serve.ts';
import { status } from './status.ts';
import { restore, sweep } from './sweep.ts';
import { unblock } from './unblock.ts';
import { uninstall } from './uninstall.ts';

/** The verbs, as `riposte help` lists them. */
export const VERBS: Readonly<Record<string, Verb>> = {
  install,
  uninstall,
  status,
  history,
  report,
  block,
  unblock,
  allow,
  sweep,
  restore,
  serve,
  respond,
  scan,
  metrics,
  munin,
  doctor,
  mail,
  fire,
  logtest,
  ruletest,
  replay,
  completion,
};
