import { attempt, RiposteError } from './errors.ts';
import { readIfThere } from './files.ts';

/**
 * Returns a readIfThere() that reads each file once, for requests that are handled together. Throws the same error
 * again each time.
 */
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
