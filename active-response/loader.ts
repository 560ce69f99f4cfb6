import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, writeFileSync } from 'node:fs';
import { Script } from 'node:vm';
import {
  BODY_START,
  bodyId,
  COMMENT_END,
  codeFileOf,
  HEADER_LENGTH,
  headerOf,
  ID_LENGTH,
  PRECOMPILE,
} from './precompiled.ts';

/** The longest file of compiled code that is read, in bytes. */
const LONGEST_CODE = 4 * 1024 * 1024;

/** Runs the body of this script. Uses the code compiled by `riposte install` if that code is newer than the script. */
function runBody(): void {
  const [text, own] = read(__filename, 'latin1');
  const start = text.lastIndexOf(BODY_START);
  const body = text.slice(start + BODY_START.length + ID_LENGTH, text.lastIndexOf('*/'));
  const header = headerOf(bodyId(text), process.version);
  const script = new Script(
    `(function (exports, require, module, __filename, __dirname) {${body.replaceAll(COMMENT_END, '*/')}})`,
    {
      filename: __filename,
      lineOffset: text.slice(0, start).split('\n').length,
      cachedData: compiledCode(own, header),
    },
  );
  if (process.argv[2] === PRECOMPILE) writeCodeAtExit(script, header);
  script.runInThisContext()(exports, require, module, __filename, __dirname);
}

function compiledCode(own: Stats, header: string): Buffer | undefined {
  try {
    const [code, { uid, mtimeMs }] = read(codeFileOf(__filename), 'buffer');
    const isOfThisScript = uid === own.uid && mtimeMs >= own.mtimeMs;
    const isCurrent = isOfThisScript && code.toString('latin1', 0, HEADER_LENGTH) === header;
    return isCurrent ? code.subarray(HEADER_LENGTH) : undefined;
  } catch {
    return undefined; // the script was not installed, but copied
  }
}

function read(file: string, encoding: 'latin1'): [string, Stats];
function read(file: string, encoding: 'buffer'): [Buffer, Stats];
function read(file: string, encoding: 'latin1' | 'buffer'): [string | Buffer, Stats] {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size > LONGEST_CODE) throw new Error(`${file} is not a file of Riposte`);
    return [readFileSync(fd, encoding === 'buffer' ? null : encoding), stats];
  } finally {
    closeSync(fd);
  }
}

/** Writes the code when the process ends, because V8 has then compiled only the functions that were called. */
function writeCodeAtExit(script: Script, header: string): void {
  const [, file = ''] = process.argv.splice(2, 2);
  process.once('exit', () => {
    const code = Buffer.concat([Buffer.from(header, 'latin1'), script.createCachedData()]);
    writeFileSync(file, code, { flag: 'wx', mode: 0o600 });
  });
}

runBody();
