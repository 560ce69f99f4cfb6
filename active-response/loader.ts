import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, writeFileSync } from 'node:fs';
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

/** The function at the script's end, which contains only the comment with the body. Nothing calls it. */
declare function riposteBody(): void;

/** Runs the body of this script. Uses the code compiled by `riposte install` if that code is newer than the script. */
function runBody(): void {
  // Node has the text of the script in memory: reading the file again would cost more than compiling it saves.
  const text = riposteBody.toString();
  const start = text.indexOf(BODY_START) + BODY_START.length + ID_LENGTH;
  const bodyAt = text.indexOf('\n', start);
  const body = text.slice(bodyAt, text.lastIndexOf('*/'));
  const header = headerOf(bodyId(text), process.version);
  const script = new Script(
    `(function (exports, require, module, __filename, __dirname) {${body.replaceAll(COMMENT_END, '*/')}})`,
    {
      filename: __filename,
      lineOffset: Number(text.slice(start, bodyAt)),
      cachedData: compiledCode(header),
    },
  );
  if (process.argv[2] === PRECOMPILE) writeCodeAtExit(script, header);
  script.runInThisContext()(exports, require, module, __filename, __dirname);
}

function compiledCode(header: string): Buffer | undefined {
  try {
    const own = lstatSync(__filename);
    const fd = openSync(
      codeFileOf(__filename),
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
    try {
      const stats = fstatSync(fd);
      const isOfThisScript = stats.uid === own.uid && stats.mtimeMs >= own.mtimeMs;
      if (!isOfThisScript || !stats.isFile() || stats.size > LONGEST_CODE) return undefined;
      const code = Buffer.allocUnsafeSlow(stats.size);
      const isWhole = readSync(fd, code) === stats.size;
      const isCurrent = isWhole && code.toString('latin1', 0, HEADER_LENGTH) === header;
      return isCurrent ? code.subarray(HEADER_LENGTH) : undefined;
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined; // the script was not installed, but copied
  }
}

/** Writes the code when the process ends, because V8 has then compiled only the functions that were called. */
function writeCodeAtExit(script: Script, header: string): void {
  const [, , file = ''] = process.argv.splice(1, 3);
  process.once('exit', () => {
    const code = Buffer.concat([Buffer.from(header, 'latin1'), script.createCachedData()]);
    writeFileSync(file, code, { flag: 'wx', mode: 0o600 });
  });
}

runBody();
