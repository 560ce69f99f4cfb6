import { isoTime } from '../readers/log-time.ts';
import type { Carrier, Opened, Opener } from './carrier.ts';
import { Pieces } from './pieces.ts';

/**
 * The log of a container in Kubernetes, containerd, CRI-O and Podman (kubernetes/kubernetes, "kubelet/cri/remote logs":
 * CRI logging format): `2025-10-10T13:55:36.123456789Z stdout F message`. The tag is P for a piece of a line and F for
 * its end; further tags may follow after colons.
 */
export const cri: Carrier = {
  name: 'cri',
  newOpener: () => new CriOpener(),
};

const HEAD =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[-+]\d\d:\d\d)) (stdout|stderr) ([PF])(?::[^ ]{0,80})?(?: |$)/;

class CriOpener implements Opener {
  readonly #pieces = new Pieces();

  open(line: string): Opened {
    const [head, time = '', stream = '', tag] = HEAD.exec(line) ?? [];
    if (head === undefined) {
      this.#pieces.doubt();
      return { reason: 'does not begin with a time, a stream and a tag' };
    }
    return this.#pieces.add(stream, line.slice(head.length), tag === 'F', isoTime(time), stream === 'stderr');
  }

  lookBack(isLooking: boolean): void {
    this.#pieces.lookBack(isLooking);
  }
}
