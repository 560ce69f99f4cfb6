import type { Protocol } from '../../active-response/protocol/request.ts';

/** The request to send to a script. */
export interface FireRequest {
  /** The script's file name, as in ar.conf. */
  readonly script: string;
  readonly isDelete: boolean;
  /** The text is not checked here, because the manager does not check it either. */
  readonly address: string;
  readonly user?: string | undefined;
  readonly rule?: string | undefined;
  /** Wazuh 5: seconds until the manager sends `disable`; undefined for a stateless response. */
  readonly timeout?: number | undefined;
}

/** A script's path below the manager's home, as Wazuh's execd runs it. */
export const programOf = (script: string): string => `active-response/bin/${script}`;

/**
 * The arguments with which OSSEC's execd runs a script for `agent_control -b`, including that command's names for
 * alert and rule (captured from OSSEC 4.3; src/shared/read-agents.c).
 */
export function ossecArguments({
  isDelete,
  address,
  user = '-',
  rule = '(no_rule_id)',
}: FireRequest): string[] {
  return [isDelete ? 'delete' : 'add', user, address, '(from_the_server)', rule];
}

/**
 * The line that Wazuh 4's execd writes for `agent_control -b`: the alert contains only the address
 * (src/shared/read-agents.c of 4.14.7), and execd adds its own name and the program's (src/os_execd/execd.c).
 */
export function wazuh4Message({ script, isDelete, address, user, rule }: FireRequest): string {
  const message = {
    version: 1,
    origin: { name: '', module: 'wazuh-execd' },
    command: isDelete ? 'delete' : 'add',
    parameters: {
      extra_args: [],
      alert: { rule: rule === undefined ? undefined : { id: rule }, data: { srcip: address, dstuser: user } },
      program: programOf(script),
    },
  };
  return JSON.stringify(message);
}

/**
 * The line that Wazuh 5.0.1's execd writes: the document of the active response with the finding merged in, and the
 * command at its end (framework/wazuh/core/indexer/active_response.py, src/os_execd/src/execd.c).
 */
export function wazuh5Message({ script, isDelete, address, user, rule, timeout }: FireRequest): string {
  const isStateful = timeout !== undefined;
  const message = {
    '@timestamp': new Date().toISOString(),
    event: { doc_id: FIRED, index: 'wazuh-findings-v5-other' },
    wazuh: {
      active_response: {
        name: script,
        executable: script,
        extra_arguments: null,
        type: isStateful ? 'stateful' : 'stateless',
        ...(isStateful ? { stateful_timeout: timeout } : {}),
        location: 'local',
        agent_id: null,
      },
      event: { id: FIRED },
      rule: rule === undefined ? undefined : { id: rule },
    },
    source: { ip: address },
    user: user === undefined ? undefined : { name: user },
    command: isDelete ? 'disable' : 'enable',
  };
  return JSON.stringify(message);
}

/** Used instead of a document's id. */
const FIRED = 'riposte-fire';

/** The line for standard input; undefined when the manager passes arguments instead. */
export const messageOf = (protocol: Protocol, request: FireRequest): string | undefined =>
  MESSAGES[protocol]?.(request);

const MESSAGES: Readonly<Record<Protocol, ((request: FireRequest) => string) | undefined>> = {
  ossec: undefined,
  wazuh4: wazuh4Message,
  wazuh5: wazuh5Message,
};

/** Execd's reply to check_keys: the message that execd sent before, with another command. */
export function continueOf(message: string): string {
  return JSON.stringify({ ...JSON.parse(message), command: 'continue' });
}
