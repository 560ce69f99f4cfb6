import { basename } from 'node:path';
import { PACKAGED_PROGRAM } from '../install/package.ts';

/** The directory of the code that Node has compiled. The maintainer scripts make and remove it. */
export const COMPILED = '/var/cache/riposte/compiled';

/**
 * The command of a package. Node 22 and newer then keeps the compiled code of the program, so that each start takes a
 * fifth less time; an older Node has no such cache. Node trusts that code. So the command never makes the directory
 * itself, because with a careless umask, other accounts could write to it. An account without access to the directory
 * runs without the cache.
 */
export const startCommand = (node: string, compiled = COMPILED): string => `#!${node}
// Riposte starts here. Node keeps the compiled code of riposte.js in a directory for root alone.
'use strict';
const { existsSync } = require('node:fs');
if (existsSync('${compiled}')) require('node:module').enableCompileCache?.('${compiled}');
require('./${basename(PACKAGED_PROGRAM)}');
`;
