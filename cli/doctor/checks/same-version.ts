import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { carriedFile } from '../../carried-files.ts';
import { VERSION } from '../../version.ts';
import { SCRIPTS } from '../active-responses.ts';
import { type Judged, orOk, warning } from '../finding.ts';
import type { Check } from './check.ts';

/** The installed scripts are those of this program, but for the interpreter that they name. */
export const sameVersion: Check = ({ home }) => {
  const bin = join(home.root, 'active-response/bin');
  const installed = SCRIPTS.filter((name) => existsSync(join(bin, name)));
  const wrong = installed.flatMap((name): Judged[] => {
    const same = body(readFileSync(join(bin, name), 'utf8')) === body(carriedFile(`active-response/${name}`));
    const seen = `${join(bin, name)} is not the script of this program (${VERSION}): of another version, or edited`;
    return same ? [] : [warning(seen, `riposte install --home ${home.root}`)];
  });
  return installed.length === 0 ? [] : orOk(wrong, `the scripts are those of this program (${VERSION})`);
};

const body = (text: string): string => text.replace(/^#![^\n]*/, '').replace(/^node=\S*$/m, '');
