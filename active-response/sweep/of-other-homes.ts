import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ResponseContext } from '../request-context.ts';

/** Responses whose default file lies outside the home, so that several homes of one host share it. */
const SHARED = ['nginx-deny', 'haproxy-deny'];

/** True when this home has never blocked by the response: entries in its shared file are those of another home. */
export const isOfOtherHomes = ({ home, response: { name } }: ResponseContext): boolean =>
  SHARED.includes(name) && ![home.blocks, home.ended].some((directory) => existsSync(join(directory, name)));
