import { EX, RiposteError } from '../base/errors.ts';
import { type CommandLine, parseFlags } from './protocol/command-line.ts';
import type { Request } from './protocol/request.ts';
import type { Report } from './record/report.ts';
import type { RequestContext, Response, ResponseContext } from './request-context.ts';
import { loadSettings } from './settings/load.ts';
import { flagsFromNoMessage, SETTINGS } from './settings/settings.ts';

/**
 * The context of a response, from its command line.
 *
 * @param ignoresErrors whether a wrong line of riposte.conf only causes a warning
 * @throws RiposteError (CONFIG, USAGE)
 */
export function responseContext(
  response: Response,
  report: Report,
  { dryRun, flags }: Pick<CommandLine, 'dryRun' | 'flags'>,
  env: NodeJS.ProcessEnv,
  ignoresErrors = true,
): ResponseContext {
  const ignore = ignoresErrors ? (message: string) => report.warn(`${message}: ignored`) : undefined;
  report.dryRun = dryRun;
  return {
    response,
    home: report.home,
    settings: loadSettings(report.home.settings, flags, ignore, response.settings),
    env,
    dryRun: dryRun ? (line) => report.rehearse(line) : undefined,
  };
}

/**
 * The context of one request. Flags of the command line override the message's flags.
 *
 * @throws RiposteError (CONFIG, USAGE)
 */
export function requestContext(
  response: Response,
  report: Report,
  commandLine: CommandLine,
  request: Request,
  where: Pick<RequestContext, 'env' | 'isRetry'>,
): RequestContext {
  report.request = request;
  const flags = new Map([...remoteFlags(request.extraArguments, response), ...commandLine.flags]);
  const dryRun = flags.delete('dry-run') || commandLine.dryRun;
  const ignoresErrors = request.command === 'delete';
  return {
    ...responseContext(response, report, { dryRun, flags }, where.env, ignoresErrors),
    script: report.script,
    isRetry: where.isRetry,
    rehearsed: dryRun ? report.rehearsed : undefined,
    elapsed: report.channel.elapsed,
    id: report.channel.id,
  };
}

function remoteFlags(words: readonly string[], { settings }: Response): Map<string, string> {
  const flags = parseFlags(words);
  for (const name of flagsFromNoMessage({ ...SETTINGS, ...settings })) {
    if (flags.has(name))
      throw new RiposteError(EX.USAGE, `--${name} is not allowed in extra_args; set it in riposte.conf`);
  }
  return flags;
}
