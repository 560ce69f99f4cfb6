import { abuseipdb } from './abuseipdb.ts';
import { agents } from './agents.ts';
import { alertsAnswered } from './alerts-answered.ts';
import { allowList } from './allow-list.ts';
import { apache } from './apache.ts';
import { arConf } from './ar-conf.ts';
import { backends } from './backends.ts';
import type { Check } from './check.ts';
import { clientAddress } from './client-address.ts';
import { clock } from './clock.ts';
import { cluster } from './cluster.ts';
import { commands } from './commands.ts';
import { crowdsec } from './crowdsec.ts';
import { decoders } from './decoders.ts';
import { hostNames } from './host-names.ts';
import { installedFiles } from './installed-files.ts';
import { interpreter } from './interpreter.ts';
import { log } from './log.ts';
import { logFormats } from './log-formats.ts';
import { longLines } from './long-lines.ts';
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
import { servers } from './servers.ts';
import { settings } from './settings.ts';
import { storage } from './storage.ts';
import { timeZone } from './time-zone.ts';
import { timeouts } from './timeouts.ts';
import { timer } from './timer.ts';
import { unsafeFormats } from './unsafe-formats.ts';
import { webLogs } from './web-logs.ts';

/** Every check by its topic, ordered by an alert's path: from a log line to a block and its traces. */
export const CHECKS: Readonly<Record<string, Check>> = {
  privilege,
  manager,
  'ossec.conf': ossecConf,
  cluster,
  'web logs': webLogs,
  'log formats': logFormats,
  'host names': hostNames,
  'client address': clientAddress,
  'unsafe formats': unsafeFormats,
  'long lines': longLines,
  decoders,
  rules,
  'scan memory': scanMemory,
  commands,
  responses: alertsAnswered,
  'ar.conf': arConf,
  processes,
  agents,
  files: installedFiles,
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
  servers,
  timeouts,
  timer,
  ledger: storage,
  log,
  'log is read': monitored,
  mail,
  crowdsec,
  abuseipdb,
  clock,
  'time zone': timeZone,
};
