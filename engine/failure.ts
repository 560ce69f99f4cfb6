import { EX, RiposteError } from '../base/errors.ts';

/** A position in a source file. Lines count from 1. */
export interface SourcePosition {
  file: string;
  line: number;
}

/** The error for a decoder, rule, list or ossec.conf that cannot be loaded: `FILE:LINE: what is wrong`. */
export function configError(position: SourcePosition, message: string): RiposteError {
  return new RiposteError(EX.CONFIG, `${position.file}:${position.line}: ${message}`);
}
