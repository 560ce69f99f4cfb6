import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { EX, RiposteError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';

/** A pack of rules: files of decoders, rules and lists that take the place of the program's own. */
export interface RulePack {
  readonly version: string;
  /** The oldest version of Riposte that understands the files. */
  readonly needs: string;
  /** The texts of the files, by their paths: in the repository, or below dist/ for a manager's files. */
  readonly files: ReadonlyMap<string, string>;
  /** The name of the pack's file in an installation. */
  readonly name: string;
  readonly isSigned: boolean;
}

/** The version of the file format. A program understands no higher version. */
const FORMAT = 1;

/** The maximum size of a pack, and of its unpacked files, in bytes. */
export const LONGEST_PACK = 4 * 1024 * 1024;
const LONGEST_CONTENT = 32 * 1024 * 1024;

/** The parts of a pack's file. */
interface Envelope {
  readonly format: number;
  readonly version: string;
  readonly needs: string;
  /** The files as JSON, compressed, in base64. */
  readonly content: string;
  /** The signature of the lines of `signedText`, in base64; null in an unsigned pack. */
  readonly signature: string | null;
}

const signedText = ({ format, version, needs, content }: Omit<Envelope, 'signature'>): Buffer =>
  Buffer.from(`riposte-rules\n${format}\n${version}\n${needs}\n${content}\n`);

/** The version of rules by the time of their commit (seconds since 1970). As a text, a later version is greater. */
export const rulesVersion = (time: number): string =>
  new Date(time * 1000).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '.');

const isVersion = (text: unknown): text is string => typeof text === 'string' && /^\d{8}\.\d{6}$/.test(text);

/** Makes the text of a pack's file. @param key the private key; undefined for an unsigned pack */
export function packText(
  { version, needs, files }: Pick<RulePack, 'version' | 'needs' | 'files'>,
  key: KeyObject | undefined,
): string {
  const content = gzipSync(JSON.stringify(Object.fromEntries(files)), { level: 9 }).toString('base64');
  const unsigned = { format: FORMAT, version, needs, content };
  const signature = key ? sign(null, signedText(unsigned), key).toString('base64') : null;
  return `${JSON.stringify({ ...unsigned, signature })}\n`;
}

/**
 * Reads a pack.
 *
 * @param source its file or URL, for messages
 * @param program this program's version; with 'source', a pack may need any version
 * @param keys public keys as PEM: if the pack is signed, its signature must match one of them; undefined for a pack
 *   whose signature was checked before
 * @throws RiposteError (DATAERR) for a text that is not a pack, is damaged, is signed by another key, or needs a newer
 * program
 */
export function readPack(bytes: Buffer, source: string, program: string, keys?: readonly string[]): RulePack {
  const refuse = (why: string): never => {
    throw new RiposteError(EX.DATAERR, `${source} ${why}; nothing was changed`);
  };
  if (bytes.length > LONGEST_PACK) return refuse(`has more than ${LONGEST_PACK / 1024 / 1024} MB`);
  const envelope = envelopeOf(bytes.toString()) ?? refuse(reasonAgainst(bytes.toString('latin1', 0, 200)));
  const { format, version, needs, content, signature } = envelope;
  if (format > FORMAT || (program !== 'source' && isNewer(needs, program)))
    return refuse(
      `is for Riposte ${printable(needs, 20)} or newer, and this is ${program}: update Riposte first`,
    );
  if (signature !== null && keys && !keys.some((key) => isSignedBy(key, envelope)))
    return refuse('is damaged, or signed by another key than that of RULES_KEY_FILE or of this program');
  const files = filesOf(content);
  if (files === undefined) return refuse('is damaged: its files cannot be unpacked');
  const name = `${version}-${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}.json`;
  return { version, needs, files, name, isSigned: signature !== null };
}

/** The parts of a pack's file, if the text has the form of such a file. */
function envelopeOf(text: string): Envelope | undefined {
  try {
    const { format, version, needs, content, signature } = JSON.parse(text);
    const isEnvelope =
      Number.isInteger(format) &&
      format >= 1 &&
      isVersion(version) &&
      typeof needs === 'string' &&
      typeof content === 'string' &&
      (signature === null || typeof signature === 'string');
    return isEnvelope ? { format, version, needs, content, signature } : undefined;
  } catch {
    return undefined;
  }
}

function reasonAgainst(begin: string): string {
  if (begin.trim() === '') return 'is empty';
  if (/^\s*</.test(begin)) return 'is a web page, not a pack of rules';
  return begin.startsWith('{"format":')
    ? 'is damaged: it does not end as a pack of rules does'
    : 'is not a pack of rules';
}

function isSignedBy(key: string, { signature, ...unsigned }: Envelope): boolean {
  const bytes = Buffer.from(signature ?? '', 'base64');
  if (bytes.toString('base64') !== signature) return false;
  try {
    return verify(null, signedText(unsigned), createPublicKey(key), bytes);
  } catch {
    return false;
  }
}

function filesOf(content: string): Map<string, string> | undefined {
  try {
    const text = gunzipSync(Buffer.from(content, 'base64'), { maxOutputLength: LONGEST_CONTENT }).toString();
    const files = Object.entries(JSON.parse(text));
    return files.every((file): file is [string, string] => typeof file[1] === 'string')
      ? new Map(files)
      : undefined;
  } catch {
    return undefined;
  }
}

/** True if the first of two versions such as 0.2.10 is newer. */
function isNewer(one: string, other: string): boolean {
  const [a, b] = [one, other].map((version) => version.split('.').map((part) => Number.parseInt(part, 10)));
  const length = Math.max(a?.length ?? 0, b?.length ?? 0);
  for (let index = 0; index < length; index++) {
    const difference = (a?.[index] || 0) - (b?.[index] || 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
