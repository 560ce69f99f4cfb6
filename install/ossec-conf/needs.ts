import type { Manager } from '../manager/manager.ts';
import type { Choice } from './choice.ts';

/** The input for the additions to ossec.conf, besides ossec.conf. */
export interface Needs extends Choice {
  readonly manager: Pick<Manager, 'kind' | 'role'>;
  /** The manager's directory as its own programs see it, such as /var/ossec. */
  readonly home: string;
  /** The web server's logs on this host, by absolute path. */
  readonly logFiles: readonly string[];
  /** True if etc/local_decoder.xml exists. */
  readonly hasLocalDecoder: boolean;
}
