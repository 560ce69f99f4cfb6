import { generateKeyPairSync } from 'node:crypto';
import { packText } from '../../../evaluate/rule-pack/pack.ts';

/** A key that only the tests use, and its public half as PEM. */
const pair = generateKeyPairSync('ed25519');
export const KEY = pair.privateKey;
export const PUBLIC = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();

/** A version that is later than the version of any commit, and a version that is earlier. */
export const LATER = '29990101.000000';
export const EARLIER = '20000101.000000';

/** Makes the text of a pack. @param files texts by path. With the key null, the pack is unsigned. */
export const packOf = (
  files: Readonly<Record<string, string>>,
  { version = LATER, needs = '0.2.0', key = KEY as typeof KEY | null } = {},
): string => packText({ version, needs, files: new Map(Object.entries(files)) }, key ?? undefined);
