import type { Place } from '../../active-response/circumstances.ts';
import { EX, RiposteError } from '../../active-response/errors.ts';
import type { Arguments } from '../arguments.ts';

/** The logs that a person names, else those of LOGS. @throws RiposteError (USAGE) when there are none */
export function logsToRead({ rest }: Arguments, { settings }: Place): readonly string[] {
  const logs = rest.length > 0 ? rest : settings.logs;
  if (logs.length > 0) return logs;
  throw new RiposteError(EX.USAGE, 'no log to read: name one, or set LOGS in riposte.conf');
}
