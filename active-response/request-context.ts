import type { Backend } from './backend/backend.ts';
import type { Home } from './home.ts';
import type { Result } from './record/result.ts';
import type { Settings, Table } from './settings/settings.ts';

/** One active response: its name and its backends. */
export interface Response {
  readonly name: string;
  /** One line for the usage text. */
  readonly summary: string;
  /** The settings that only this response has. Only this response's script carries them. */
  readonly settings?: Table;
  /** True if it needs a server or a service that most hosts lack. `riposte install` enables it only on request. */
  readonly isOptional?: true;
  readonly backends: Record<string, (settings: Settings, home: Home) => Backend>;
  /**
   * The names of the backends that may hold our blocks on this host, independent of the settings; absent: all of them.
   */
  readonly present?: (settings: Settings, env: NodeJS.ProcessEnv) => string[];
  /** True when its backend can block a prefix; absent: always. */
  readonly takesPrefixes?: (settings: Settings) => boolean;
  /** The address or prefix that its backend blocks for an address, if that is wider; absent: the address itself. */
  readonly itemOf?: (address: string) => string;
  /** The name of the backend for a new block. @throws RiposteError when this host has none */
  readonly choose: (settings: Settings, env: NodeJS.ProcessEnv) => string;
  /** The name of the backend to try when the kernel does not support the chosen one; absent: none. */
  readonly next?: (
    failed: string,
    why: string,
    settings: Settings,
    env: NodeJS.ProcessEnv,
  ) => string | undefined;
}

/** The context in which a response runs. */
export interface ResponseContext {
  readonly response: Response;
  readonly home: Home;
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  /** Prints the commands of a dry run; undefined for a real run. */
  readonly dryRun: ((line: string) => void) | undefined;
}

/** The context of one request. */
export interface RequestContext extends ResponseContext {
  /** The absolute path of the response's script; ar.conf has its file name. */
  readonly script: string;
  /** True if a daemon got the request, ended without an answer, and may have carried out the request before. */
  readonly isRetry?: boolean | undefined;
  /** The lines of a dry run so far, if the outcome must contain them. */
  readonly rehearsed?: readonly string[] | undefined;
  /** True when log and journal get a result; absent: always. */
  readonly isRecorded?: (result: Result) => boolean;
  /** Milliseconds that the request has taken; absent: since this process started. */
  readonly elapsed?: (() => number) | undefined;
  /** The name of the request, if a client has sent it to the daemon. */
  readonly id?: string | undefined;
}
