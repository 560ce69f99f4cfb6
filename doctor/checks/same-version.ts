import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { carriedFile } from '../../base/carried-files.ts';
import { readRegular } from '../../base/files.ts';
import { VERSION } from '../../base/version.ts';
import { withInterpreter } from '../../install/interpreter.ts';
import { SCRIPTS } from '../active-responses.ts';
import { type Judged, orOk, warning } from '../finding.ts';
import type { Check } from './check.ts';

/** Checks that the installed scripts equal this program's scripts, except for the Node that they name. */
export const sameVersion: Check = ({ home }) => {
  const bin = join(home.root, 'active-response/bin');
  const installed = SCRIPTS.filter((name) => existsSync(join(bin, name)));
  const wrong = installed.flatMap((name): Judged[] => {
    const same =
      body(readRegular(join(bin, name)).toString('utf8')) === body(carriedFile(`active-response/${name}`));
    const seen = `${join(bin, name)} is not this program’s script (${VERSION}): it is from another version, or was edited`;
    return same ? [] : [warning(seen, `riposte install --home ${home.root}`)];
  });
  return installed.length === 0 ? [] : orOk(wrong, `the scripts are from this program (${VERSION})`);
};

const body = (text: string): string => withInterpreter(text.replace(/^#![^\n]*/, '#!/bin/sh'), 'node');
