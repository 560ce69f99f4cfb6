import { EX, RiposteError } from '../../base/errors.ts';
import type { Element } from '../../engine/xml/element.ts';

/**
 * Refuses an element for Riposte that was added by hand, because Riposte would add the same element again.
 *
 * @throws RiposteError (CONFIG) naming its line
 */
export function refuseOwn(element: Element | undefined): void {
  if (element === undefined) return;
  const { file, line } = element.position;
  throw new RiposteError(
    EX.CONFIG,
    `${file}:${line}: <${element.name}> is for Riposte, but was put in by hand; remove it, with everything that belongs to it, and install again`,
  );
}
