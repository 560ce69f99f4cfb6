import { EX, RiposteError } from '../base/errors.ts';

/** @throws RiposteError (NOPERM) for any account but root, before a verb has changed anything */
export function demandRoot(verb: string): void {
  if (process.getuid?.() !== 0)
    throw new RiposteError(EX.NOPERM, `${verb} needs root: run it as root; nothing was changed`);
}
