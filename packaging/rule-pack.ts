import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesInForce } from '../evaluate/rule-pack/own-files.ts';
import { packText, rulesVersion } from '../evaluate/rule-pack/pack.ts';
import { PROJECT_KEY } from '../evaluate/rule-pack/public-key.ts';
import type { Making } from './deb.ts';
import { write } from './stage.ts';

/**
 * The oldest Riposte that understands the rules and lists. Raise it when a rule, a decoder or a list needs a feature
 * that older programs lack.
 */
const NEEDS = '0.2.0';

/**
 * Makes the pack of rules for `riposte rules update`, from the repository and dist/. Warns when the pack is not signed,
 * or not with the project's key.
 *
 * @param keyFile the file of the private key (Ed25519, PEM), which is in no repository; undefined for an unsigned pack
 * @returns its path
 * @throws Error for a key that cannot be read
 */
export function makeRulePack({ time, outdir }: Pick<Making, 'time' | 'outdir'>, keyFile?: string): string {
  const key = keyFile ? privateKey(keyFile) : undefined;
  if (key === undefined)
    console.error('the pack of rules is not signed: RIPOSTE_RULES_KEY names no private key');
  else if (publicText(key) !== PROJECT_KEY)
    console.error('the pack of rules is not signed by the key in the program: its users need RULES_KEY_FILE');
  const version = rulesVersion(time);
  const file = join(outdir, `riposte-rules-${version}.json`);
  write(file, packText({ version, needs: NEEDS, files: filesInForce() }, key), 0o644);
  return file;
}

function privateKey(file: string): KeyObject {
  const key = createPrivateKey(readFileSync(file, 'utf8'));
  if (key.asymmetricKeyType !== 'ed25519')
    throw new Error(`${file} has a key of type ${key.asymmetricKeyType}; RIPOSTE_RULES_KEY needs ed25519`);
  return key;
}

const publicText = (key: KeyObject): string =>
  createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
