import type { Response } from '../circumstances.ts';
import { EX, RiposteError } from '../errors.ts';
import { apacheDeny } from './apache-deny.ts';
import { firewallDrop } from './firewall-drop.ts';
import { routeNull } from './route-null.ts';

/** Every response there is. */
export const RESPONSES: readonly Response[] = [firewallDrop, routeNull, apacheDeny];

/** @throws RiposteError (USAGE) when there is none of that name */
export function responseNamed(name: string): Response {
  const response = RESPONSES.find((each) => each.name === name);
  if (response) return response;
  const names = RESPONSES.map((each) => each.name).join(', ');
  throw new RiposteError(EX.USAGE, `there is no response '${name}'; there are ${names}`);
}
