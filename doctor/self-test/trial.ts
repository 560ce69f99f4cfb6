import { realpathSync } from 'node:fs';
import { homeAt } from '../../active-response/home.ts';
import { readBlock } from '../../active-response/ledger.ts';
import type { Protocol } from '../../active-response/protocol/request.ts';
import type { Response } from '../../active-response/request-context.ts';
import { RiposteError } from '../../base/errors.ts';
import { type Executor, realExecutor } from '../../base/execute.ts';
import { readIfThere } from '../../base/files.ts';
import type { Examination } from '../examination.ts';
import { ask } from './ask.ts';
import type { PrivateHost } from './private-host.ts';

/** In a test, a response writes to this file instead of the server's file, so that the server notices nothing. */
const fileOf = (server: string): string => `/run/riposte/test/${server}`;

/** The responses that write to another file in a test, and the prefix of their settings. */
const SERVERS: Readonly<Record<string, string>> = { 'apache-deny': 'apache', 'nginx-deny': 'nginx' };

/** False for a response that calls a server: a test would make that server deny an address. */
export const canBeTried = ({ name, isOptional }: Response): boolean => !isOptional || name in SERVERS;

/** The outcome of one request. */
export interface Result {
  readonly status: number | undefined;
  /** True if the backend's own program lists the address. */
  readonly inForce: boolean;
  /** The backend that the ledger names. */
  readonly backend: string;
  readonly isLogged: boolean;
  /** The script's last message: from standard error, else from its log. */
  readonly said: string;
}

/** Tries out one response on a private host. */
export class Trial {
  /** The last backend that the ledger named: the ledger's entry disappears when the block ends. */
  #backend = '';

  constructor(
    private readonly response: Response,
    private readonly address: string,
    private readonly protocol: Protocol,
    private readonly examined: Examination,
    private readonly host: PrivateHost,
  ) {}

  /** Asks the script to block or unblock, and collects the outcome. */
  async fire(verb: 'add' | 'delete'): Promise<Result> {
    const { examined, host, response, address, protocol } = this;
    const { status, stderr, stdout } = await ask(host, {
      verb,
      address,
      protocol,
      home: examined.home.root,
      script: `${response.name}.js`,
      path: examined.service.path,
      flags: this.#flags(verb),
    });
    // Uses the real path, because an absolute link would lead out of the private host.
    const home = homeAt(host.file(realpathSync(examined.home.root)));
    const line = lastLine(readIfThere(home.activeResponsesLog));
    try {
      this.#backend = readBlock(home, response.name, address)?.backend ?? this.#backend;
      const said =
        [stderr.trim(), line, stdout.trim()].find((each) => each !== '') ?? `exit status ${status}`;
      return {
        status,
        inForce: this.#isInForce(),
        backend: this.#backend,
        isLogged: line.includes(address),
        said,
      };
    } catch (error) {
      if (!(error instanceof RiposteError)) throw error;
      return { status, inForce: false, backend: this.#backend, isLogged: false, said: error.message };
    }
  }

  #flags(verb: 'add' | 'delete'): string[] {
    const server = SERVERS[this.response.name];
    return [
      ...(server ? [`--${server}-file=${fileOf(server)}`, `--${server}-check=`, `--${server}-reload=`] : []),
      // With BLOCK_FOR or RELEASE_ON_STOP=no, this delete would not unblock.
      ...(verb === 'delete' ? ['--block-for=', '--release-on-stop=yes'] : []),
    ];
  }

  #isInForce(): boolean {
    const { response, examined, host } = this;
    const server = SERVERS[response.name] ?? '';
    const settings = { ...examined.settings, [`${server}File`]: host.file(fileOf(server)) };
    const make = response.backends[this.#backend];
    return make?.(settings, examined.home).list(this.#executor()).has(this.address) ?? false;
  }

  /** An executor whose listings run on the private host. */
  #executor(): Executor {
    const { env, settings } = this.examined;
    const here = realExecutor(settings.commandTimeout, {
      PATH: `${env.PATH ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`,
    });
    const look: Executor['look'] = ({ program, args, ...rest }) => {
      const [enter, words] = this.host.command([program, ...args]);
      return here.look({ ...rest, program: enter, args: words });
    };
    return { ...here, look };
  }
}

const lastLine = (text = ''): string => text.trimEnd().split('\n').at(-1) ?? '';
