import type { Home } from '../active-response/home.ts';
import type { ResponseContext } from '../active-response/request-context.ts';
import { wrongValue } from '../active-response/settings/load.ts';
import { SERVER_SETTINGS, type ServerSettings } from '../active-response/settings/server-settings.ts';
import { proxies } from '../active-response/settings/values.ts';
import { EX, RiposteError } from '../base/errors.ts';
import { configurationHost } from '../logs/configuration/configuration-host.ts';
import type { ServerConfiguration } from '../logs/configuration/configured-log.ts';
import { hostAt } from '../logs/configuration/host.ts';
import { webServers } from '../logs/configuration/web-servers.ts';
import { checkOwnFormats, type FormatSources } from '../logs/formats/formats-of-logs.ts';
import { type KnownFormats, readKnownFormats } from '../logs/formats/known-formats.ts';
import { loadLogFormats, type OwnFormat } from '../logs/formats/own-formats.ts';
import type { ProxyPolicy } from '../logs/proxies/client-of.ts';
import { TrustedProxies } from '../logs/proxies/trusted-proxies.ts';
import type { FormatRules } from './read-logs.ts';

/** The command line's options about formats and proxies. */
export interface ReadingChoice {
  /** The format of logs that the command line names without a format. */
  readonly format: string | undefined;
  /** A list in the form of TRUSTED_PROXIES. */
  readonly trustedProxies: string | undefined;
  readonly isBehindProxy: boolean;
}

/** Settings that decide how logs are read. */
export interface LogSettings {
  readonly trustedProxies: readonly string[];
  /** Undefined if no installation's files are read. */
  readonly home: Home | undefined;
  /** Seconds that a web server's program may take; undefined to read only its configuration files. */
  readonly commandTimeout: number | undefined;
}

export const logSettings = (
  { trustedProxies }: ServerSettings,
  { settings, home }: ResponseContext,
): LogSettings => ({
  trustedProxies,
  home,
  commandTimeout: settings.commandTimeout,
});

/** Rules that can be renewed, for a program that runs for a long time. */
export interface LastingRules extends FormatRules {
  /**
   * The same rules, but with configurations of web servers that were read at most FRESH ago.
   * @param known the formats known so far
   */
  readonly renewed: (known: KnownFormats) => FormatRules;
}

/**
 * Collects the formats and proxies of options and settings.
 *
 * @param fallback the format if --format is missing @param now seconds since 1970
 * @throws RiposteError (CONFIG) for a LOG_FORMAT_… that cannot be read, (USAGE) for a wrong --trusted-proxies
 */
export function formatRulesOf(
  choice: ReadingChoice,
  settings: LogSettings,
  now: number,
  fallback?: string,
): LastingRules {
  const { home, commandTimeout } = settings;
  const host = commandTimeout === undefined ? hostAt('/') : configurationHost('/', commandTimeout);
  const own: ReadonlyMap<string, OwnFormat> = home ? loadLogFormats(home.settings) : new Map();
  checkOwnFormats(own);
  const rules = { policy: policyOf(choice, settings), written: choice.format ?? fallback, now };
  let ask = once(() => webServers(host));
  let since = performance.now();
  const renewed = (known: KnownFormats): FormatRules => {
    if (performance.now() - since >= FRESH) {
      ask = once(() => webServers(host));
      since = performance.now();
    }
    return { ...rules, sources: sourcesOf(ask, host, known, own) };
  };
  return { ...renewed(home ? readKnownFormats(home.data) : {}), renewed };
}

/** The time for which a configuration is reused, in milliseconds, because several logs may be new at once. */
const FRESH = 3000;

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Configurations are read only when a log needs them, because the web servers' programs are slow. */
const sourcesOf = (
  ask: () => readonly ServerConfiguration[],
  host: FormatSources['host'],
  known: KnownFormats,
  own: FormatSources['own'],
): FormatSources => ({
  known,
  own,
  host,
  get configurations() {
    return ask();
  },
});

function policyOf(choice: ReadingChoice, { trustedProxies }: LogSettings): ProxyPolicy {
  const items = proxiesOf(choice.trustedProxies) ?? trustedProxies;
  return {
    trustsPeer: choice.isBehindProxy,
    proxies: items.length > 0 ? new TrustedProxies(items) : undefined,
  };
}

function proxiesOf(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const items = proxies(text);
  if (items !== undefined) return items;
  throw new RiposteError(
    EX.USAGE,
    wrongValue('--trusted-proxies', text, proxies, SERVER_SETTINGS.trustedProxies.form),
  );
}
