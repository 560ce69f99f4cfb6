import { EX, RiposteError } from '../active-response/errors.ts';

/** @throws RiposteError (NOPERM) for anybody but root, before a verb has changed anything */
export function demandRoot(verb: string): void {
  if (process.getuid?.() !== 0)
    throw new RiposteError(
      EX.NOPERM,
      `${verb} changes what only root may: run it as root; nothing was changed`,
    );
}
