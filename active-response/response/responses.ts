import { EX, RiposteError } from '../../base/errors.ts';
import type { Response } from '../request-context.ts';
import { apacheDeny } from './apache-deny.ts';
import { cloudflareDeny } from './cloudflare-deny.ts';
import { firewallDrop } from './firewall-drop.ts';
import { haproxyDeny } from './haproxy-deny.ts';
import { nginxDeny } from './nginx-deny.ts';
import { routeNull } from './route-null.ts';

/** All responses. */
export const RESPONSES: readonly Response[] = [
  firewallDrop,
  routeNull,
  apacheDeny,
  nginxDeny,
  haproxyDeny,
  cloudflareDeny,
];

/** @throws RiposteError (USAGE) when no response has that name */
export function responseNamed(name: string): Response {
  const response = RESPONSES.find((each) => each.name === name);
  if (response) return response;
  const names = RESPONSES.map((each) => each.name).join(', ');
  throw new RiposteError(EX.USAGE, `there is no response '${name}'; there are ${names}`);
}
