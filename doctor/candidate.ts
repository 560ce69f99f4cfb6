import { basename } from 'node:path';
import { readEntries } from '../active-response/guard/entries.ts';
import { ownSettings } from '../active-response/response/own-settings.ts';
import { RESPONSES } from '../active-response/response/responses.ts';
import { loadCrowdsecSettings } from '../active-response/settings/crowdsec-settings.ts';
import { loadMailSettings } from '../active-response/settings/mail-settings.ts';
import { loadAllSettings } from '../active-response/settings/server-settings.ts';
import { utf8 } from '../base/bytes.ts';
import { attempt, EX, RiposteError } from '../base/errors.ts';
import { readBytesIfThere } from '../base/files.ts';
import { checkOwnFormats } from '../logs/formats/formats-of-logs.ts';
import { logFormatsIn } from '../logs/formats/own-formats.ts';

/** The checks of a file's text (latin1), by its name. */
const FAULTS: Readonly<Record<string, (text: string, path: string) => string[]>> = {
  'riposte.conf': (text, path) => faultsOfSettings(utf8(text), path),
  'riposte.allow': (text, path) => faultOf(() => readEntries(text, path)),
};

/**
 * The faults of a file that will replace `path`, a riposte.conf or a riposte.allow. Each fault names `path`, the line
 * and the expected form.
 *
 * @throws RiposteError (USAGE) for another path, and for a missing file; (IOERR, NOPERM) for a file that cannot be read
 */
export function faultsOfCandidate(file: string, path: string): string[] {
  const faults = FAULTS[basename(path)];
  if (faults === undefined)
    throw new RiposteError(EX.USAGE, `--as names a ${Object.keys(FAULTS).join(' or a ')}, not ${path}`);
  const bytes = readBytesIfThere(file);
  if (bytes === undefined) throw new RiposteError(EX.USAGE, `there is no file ${file}`);
  return faults(bytes.toString('latin1'), path);
}

function faultsOfSettings(text: string, path: string): string[] {
  const faults: string[] = [];
  const complain = (message: string) => faults.push(message);
  const files = [{ path, text }];
  loadAllSettings(files, complain, ownSettings(RESPONSES));
  loadMailSettings(files, new Map(), complain);
  loadCrowdsecSettings(files, complain);
  return [...faults, ...faultOf(() => checkOwnFormats(logFormatsIn(text, path)))];
}

function faultOf(read: () => void): string[] {
  const error = attempt(read);
  return error instanceof RiposteError ? [error.message] : [];
}
