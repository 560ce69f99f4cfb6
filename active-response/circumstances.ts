import type { Backend } from './backend/backend.ts';
import type { Home } from './home.ts';
import type { Answer } from './protocol/handshake.ts';
import type { Settings } from './settings/settings.ts';

/** One active response: its name, and what it can block with. */
export interface Response {
  readonly name: string;
  /** One line for the usage text. */
  readonly summary: string;
  readonly backends: Record<string, (settings: Settings, home: Home) => Backend>;
  /** The names of the backends that may hold something on this host, whatever is set now; absent: all of them. */
  readonly present?: (settings: Settings, env: NodeJS.ProcessEnv) => string[];
  /** The name of the backend for a new block. @throws RiposteError when this host has none */
  readonly choose: (settings: Settings, env: NodeJS.ProcessEnv) => string;
}

/** Where a response runs. */
export interface Place {
  readonly response: Response;
  readonly home: Home;
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  /** Where a dry run says what it would do; undefined for a real run. */
  readonly dryRun: ((line: string) => void) | undefined;
}

/** Everything around one request. */
export interface Circumstances extends Place {
  /** The script's file name, as ar.conf has it. */
  readonly script: string;
  /** True when a person typed the command. */
  readonly byHand: boolean;
  /** True when somebody else may have done it before, and did not get to say so. */
  readonly isRetry?: boolean | undefined;
  /** Asks the manager whether to act on this key. */
  readonly ask: (key: string) => Promise<Answer>;
}
