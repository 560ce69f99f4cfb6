import { EX, RiposteError } from '../../active-response/errors.ts';
import type { Element } from '../../engine/xml/element.ts';

/**
 * Refuses an element for Riposte that somebody has put in by hand: with ours it would be there twice.
 *
 * @throws RiposteError (CONFIG) naming its line
 */
export function refuseOwn(element: Element | undefined): void {
  if (element === undefined) return;
  const { file, line } = element.place;
  throw new RiposteError(
    EX.CONFIG,
    `${file}:${line}: <${element.name}> is for Riposte, but was put in by hand; take it out, with all that belongs to it, and install again`,
  );
}
