import { alertsAnswered } from './alerts-answered.ts';
import { allowList } from './allow-list.ts';
import { apache } from './apache.ts';
import { arConf } from './ar-conf.ts';
import { backends } from './backends.ts';
import type { Check } from './check.ts';
import { clock } from './clock.ts';
import { commands } from './commands.ts';
import { decoders } from './decoders.ts';
import { interpreter } from './interpreter.ts';
import { log } from './log.ts';
import { mail } from './mail.ts';
import { manager } from './manager.ts';
import { managerAddress } from './manager-address.ts';
import { monitored } from './monitored.ts';
import { ossecConf } from './ossec-conf.ts';
import { privilege } from './privilege.ts';
import { processes } from './processes.ts';
import { programs } from './programs.ts';
import { respond } from './respond.ts';
import { rules } from './rules.ts';
import { sameVersion } from './same-version.ts';
import { scanMemory } from './scan-memory.ts';
import { scripts } from './scripts.ts';
import { settings } from './settings.ts';
import { storage } from './storage.ts';
import { timeZone } from './time-zone.ts';
import { timeouts } from './timeouts.ts';
import { timer } from './timer.ts';
import { webLogs } from './web-logs.ts';

/** Every check by its topic, in the way that an alert takes: from a log line to a block, and what is left of it. */
export const CHECKS: Readonly<Record<string, Check>> = {
  privilege,
  manager,
  'ossec.conf': ossecConf,
  'web logs': webLogs,
  decoders,
  rules,
  'scan memory': scanMemory,
  commands,
  responses: alertsAnswered,
  'ar.conf': arConf,
  processes,
  scripts,
  interpreter,
  respond,
  version: sameVersion,
  PATH: programs,
  'riposte.conf': settings,
  'riposte.allow': allowList,
  'manager address': managerAddress,
  backends,
  apache,
  timeouts,
  timer,
  ledger: storage,
  log,
  'log is read': monitored,
  mail,
  clock,
  'time zone': timeZone,
};
