import { EX, RiposteError } from '../../base/errors.ts';
import { type CompiledPattern, compilePattern } from './patterns.ts';
import type { Signature, SignatureKind } from './signature.ts';

/** A line of the list that weakens other lines. */
export interface PathException {
  /** `harmless`: a path that matches does not count. `lenient`: an unmistakable path that matches counts as a probe. */
  readonly class: 'harmless' | 'lenient';
  readonly pattern: string;
  readonly compiled: CompiledPattern;
}

/** A parsed signature. */
export interface ReadSignature {
  readonly signature: Signature;
  readonly compiled: CompiledPattern;
}

/** A file of the list. */
export interface ListFile {
  readonly name: string;
  readonly text: string;
}

export interface SignatureList {
  readonly signatures: readonly ReadSignature[];
  readonly exceptions: readonly PathException[];
}

/**
 * Reads the lines `CLASS  KIND  PATTERN  PRODUCT  REFERENCE`, whose columns are two or more spaces apart. Empty lines
 * and lines that begin with `#` and a space are comments.
 *
 * @throws RiposteError with file and line for a wrong or duplicate line
 */
export function readList(files: readonly ListFile[]): SignatureList {
  const signatures: ReadSignature[] = [];
  const exceptions: PathException[] = [];
  const seen = new Set<string>();
  for (const { name, text } of files) {
    text.split('\n').forEach((line, index) => {
      if (line.trim() === '' || /^#(?: |$)/.test(line)) return;
      try {
        const columns = columnsOf(line, seen);
        if (isException(columns.class)) exceptions.push({ ...columns, class: columns.class });
        else signatures.push({ signature: signatureOf(columns), compiled: columns.compiled });
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new RiposteError(EX.SOFTWARE, `${name}:${index + 1}: ${reason}`);
      }
    });
  }
  return { signatures, exceptions };
}

interface Columns {
  readonly class: string;
  readonly kind: SignatureKind;
  readonly pattern: string;
  readonly product: string;
  readonly reference: string;
  readonly compiled: CompiledPattern;
}

function columnsOf(line: string, seen: Set<string>): Columns {
  const columns = line.trim().split(/ {2,}|\t+/);
  const [className = '', kind = '', pattern = '', product = '', reference = ''] = columns;
  if (columns.length !== 5)
    throw new Error(`has ${columns.length} columns instead of 5: class, kind, pattern, product, reference`);
  if (!CLASSES.has(className)) throw new Error(`unknown class '${className}'`);
  if (!isKind(kind)) throw new Error(`unknown kind '${kind}'`);
  if ((isException(className) || className === 'console') && kind !== 'path')
    throw new Error(`a ${className} line must be of kind path`);
  if (pattern !== pattern.toLowerCase() && kind === 'agent') throw new Error('must be in lower case');
  if (seen.has(`${kind} ${pattern}`)) throw new Error('repeats the pattern of an earlier line');
  seen.add(`${kind} ${pattern}`);
  return { class: className, kind, pattern, product, reference, compiled: compilePattern(kind, pattern) };
}

function signatureOf({ class: className, kind, pattern, product, reference }: Columns): Signature {
  return {
    class: className === 'probe' || className === 'console' ? 'probe' : 'unmistakable',
    kind,
    pattern,
    product,
    isSevere: className === 'severe',
    isSecret: className === 'secret',
    isConsole: className === 'console',
    reference,
  };
}

const CLASSES: ReadonlySet<string> = new Set([
  'severe',
  'unmistakable',
  'secret',
  'probe',
  'console',
  'harmless',
  'lenient',
]);

const KINDS: ReadonlySet<string> = new Set(['path', 'payload', 'everywhere', 'header', 'agent']);

const isKind = (word: string): word is SignatureKind => KINDS.has(word);

const isException = (word: string): word is PathException['class'] =>
  word === 'harmless' || word === 'lenient';
