import { basename } from 'node:path';
import { PACKAGED_PROGRAM } from '../install/package.ts';

/** The directory of the code that Node has compiled. The maintainer scripts make and remove it. */
export const COMPILED = '/var/cache/riposte/compiled';

/**
 * The command of a package. It makes Node 22 and newer keep the compiled code of the program, so that each start takes
 * a fifth less time; an older Node has no such cache. Node trusts the code in this directory. So the command never
 * makes the directory itself, because with a careless umask, other accounts could write to the directory. An account
 * without access to the directory runs without the cache.
 */
export const startCommand = (node: string, compiled = COMPILED): string => `#!${node}
// Riposte starts here. Node keeps the compiled code of riposte.js in a directory for root alone.
'use strict';
const { existsSync } = require('node:fs');
if (existsSync('${compiled}')) require('node:module').enableCompileCache?.('${compiled}');
require('./${basename(PACKAGED_PROGRAM)}');
`;
