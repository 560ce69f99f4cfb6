import { EX, RiposteError } from '../../base/errors.ts';
import { carried } from '../carriers/carrier.ts';
import { CARRIERS } from '../carriers/carriers.ts';
import { alb } from './alb.ts';
import { apache22Error, apacheError } from './apache-error.ts';
import { caddy } from './caddy.ts';
import { combined, vhostCombined } from './combined.ts';
import { haproxy } from './haproxy.ts';
import { modSecurityAudit } from './modsecurity-audit.ts';
import { nginxError } from './nginx-error.ts';
import { nginxJson } from './nginx-json.ts';
import { nginxProxyManager } from './npm.ts';
import { formatFromText } from './own-format.ts';
import { combinedXff, hostXff, nginxMain, xff, xffHost } from './proxied.ts';
import type { LogFormat } from './reading.ts';
import { squid } from './squid.ts';
import { traefikJson } from './traefik-json.ts';
import { cloudfront, iis } from './w3c.ts';

/**
 * Every format that has a name. `LOGS=/path=NAME` and `replay --format NAME` take these names, also after the name of a
 * carrier (`docker:combined`). If nothing else decides a log's format, it is the only format in this list that can read
 * the log. To add a format, write its file, and add a line here.
 */
export const FORMATS: readonly LogFormat[] = [
  combined,
  vhostCombined,
  nginxMain,
  combinedXff,
  xff,
  xffHost,
  hostXff,
  nginxJson,
  caddy,
  traefikJson,
  haproxy,
  iis,
  nginxProxyManager,
  alb,
  cloudfront,
  squid,
  apacheError,
  apache22Error,
  nginxError,
  modSecurityAudit,
];

/** Hands the lines to the decoders of the ruleset, as a manager does. */
export const RAW = 'raw';

/**
 * @param name a name, or a definition itself: `apache:%h %l …`, `nginx:$remote_addr …`
 * @param own formats of LOG_FORMAT_… settings
 * @throws RiposteError (CONFIG) naming all formats
 */
export function formatNamed(name: string, own: readonly LogFormat[] = []): LogFormat {
  if (/^(apache|nginx):/.test(name)) return formatFromText(name.slice(0, 60), name);
  const colon = name.indexOf(':');
  const carrier = CARRIERS.find((each) => each.name === name.slice(0, Math.max(0, colon)));
  const known = [...own, ...FORMATS];
  const inner = carrier ? name.slice(colon + 1) : name;
  const format = known.find((each) => each.name === inner);
  if (format) return carrier ? carried(carrier, format) : format;
  const names = [...known.map((each) => each.name), RAW].join(', ');
  const carriers = CARRIERS.map((each) => `${each.name}:`).join(', ');
  throw new RiposteError(
    EX.CONFIG,
    `there is no log format '${name}'; the formats are ${names}${carriers && `, also with ${carriers} in front`}; ` +
      'set your own format by LOG_FORMAT_NAME=apache:… or nginx:… in riposte.conf',
  );
}

/** The formats that can be recognized from a log's lines. */
export const detectableFormats = (): readonly LogFormat[] => [
  ...FORMATS,
  ...CARRIERS.flatMap((carrier) => FORMATS.map((format) => carried(carrier, format))),
];
