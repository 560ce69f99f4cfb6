import { EX, RiposteError } from '../active-response/errors.ts';

/** Where in the sources something stands. Lines are counted from 1. */
export interface Place {
  file: string;
  line: number;
}

/** The error for a decoder, rule, list or ossec.conf that cannot be loaded: `FILE:LINE: what is wrong`. */
export function configError(place: Place, message: string): RiposteError {
  return new RiposteError(EX.CONFIG, `${place.file}:${place.line}: ${message}`);
}
