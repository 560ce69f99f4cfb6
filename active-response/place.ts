import { basename } from 'node:path';
import type { Circumstances, Place, Response } from './circumstances.ts';
import { EX, RiposteError } from './errors.ts';
import { type CommandLine, parseFlags } from './protocol/command-line.ts';
import type { Request } from './protocol/request.ts';
import type { Report } from './report.ts';
import { loadSettings } from './settings/load.ts';
import { FROM_NO_MESSAGE } from './settings/settings.ts';

/**
 * Where a response runs, by its command line.
 *
 * @param ignoresErrors whether a wrong line of riposte.conf is only warned of
 * @throws RiposteError (CONFIG, USAGE)
 */
export function placeOf(
  response: Response,
  report: Report,
  { dryRun, flags }: Pick<CommandLine, 'dryRun' | 'flags'>,
  env: NodeJS.ProcessEnv,
  ignoresErrors = true,
): Place {
  const ignore = ignoresErrors ? (message: string) => report.warn(`${message}: ignored`) : undefined;
  report.dryRun = dryRun;
  return {
    response,
    home: report.home,
    settings: loadSettings(report.home.settings, flags, ignore),
    env,
    dryRun: dryRun ? (line) => report.rehearse(line) : undefined,
  };
}

/**
 * Everything around one request but the manager's word: the message's own flags, then those of the command line.
 *
 * @throws RiposteError (CONFIG, USAGE)
 */
export function circumstancesOf(
  response: Response,
  report: Report,
  commandLine: CommandLine,
  request: Request,
  where: Pick<Circumstances, 'env' | 'byHand' | 'isRetry'>,
): Omit<Circumstances, 'ask'> {
  report.request = request;
  const flags = new Map([...remoteFlags(request.extraArguments), ...commandLine.flags]);
  const dryRun = flags.delete('dry-run') || commandLine.dryRun;
  const ignoresErrors = request.command === 'delete';
  return {
    ...placeOf(response, report, { dryRun, flags }, where.env, ignoresErrors),
    script: basename(report.script),
    byHand: where.byHand,
    isRetry: where.isRetry,
  };
}

function remoteFlags(words: readonly string[]): Map<string, string> {
  const flags = parseFlags(words);
  for (const name of FROM_NO_MESSAGE) {
    if (flags.has(name))
      throw new RiposteError(EX.USAGE, `--${name} is not taken from extra_args; set it in riposte.conf`);
  }
  return flags;
}
