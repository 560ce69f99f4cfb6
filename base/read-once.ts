import { attempt, RiposteError } from './errors.ts';
import { readIfThere } from './files.ts';

/** Returns a readIfThere() that reads each file once, for the requests of a moment. An error is thrown again each time. */
export function readOnce(): typeof readIfThere {
  const known = new Map<string, string | undefined | RiposteError>();
  return (file, reading) => {
    if (!known.has(file))
      known.set(
        file,
        attempt(() => readIfThere(file, reading)),
      );
    const text = known.get(file);
    if (text instanceof RiposteError) throw text;
    return text;
  };
}
