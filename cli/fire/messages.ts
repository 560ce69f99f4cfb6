import type { Protocol } from '../../active-response/protocol/request.ts';

/** What a script is to be fired with. */
export interface Shot {
  /** The script's file name, as ar.conf has it. */
  readonly script: string;
  readonly isDelete: boolean;
  /** As it was given: what the manager does not check, we do not either. */
  readonly address: string;
  readonly user?: string | undefined;
  readonly rule?: string | undefined;
  /** Wazuh 5: seconds until its `disable`; undefined for a stateless response. */
  readonly timeout?: number | undefined;
}

/** Execd's own path of a script, below the manager's home: Wazuh runs it so. */
export const programOf = (script: string): string => `active-response/bin/${script}`;

/**
 * The arguments with which OSSEC's execd runs a script for `agent_control -b`, whose alert and rule have these
 * names (captured from OSSEC 4.3; src/shared/read-agents.c).
 */
export function ossecArguments({ isDelete, address, user = '-', rule = '(no_rule_id)' }: Shot): string[] {
  return [isDelete ? 'delete' : 'add', user, address, '(from_the_server)', rule];
}

/**
 * The line that Wazuh 4's execd writes for `agent_control -b`: the alert holds the address alone
 * (src/shared/read-agents.c of 4.14.7), and execd has put in its own name and the program's
 * (src/os_execd/execd.c).
 */
export function wazuh4Message({ script, isDelete, address, user, rule }: Shot): string {
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

/** The line that Wazuh 5's execd writes: the event, with the command at its end (src/os_execd/src/execd.c). */
export function wazuh5Message({ script, isDelete, address, user, rule, timeout }: Shot): string {
  const message = {
    wazuh: {
      active_response: {
        name: script,
        executable: script,
        extra_arguments: '',
        type: timeout === undefined ? 'stateless' : 'stateful',
        stateful_timeout: timeout ?? 0,
        location: 'local',
      },
    },
    source: { ip: address },
    user: user === undefined ? undefined : { name: user },
    rule: rule === undefined ? undefined : { id: rule },
    command: isDelete ? 'disable' : 'enable',
  };
  return JSON.stringify(message);
}

/** The line on standard input; undefined where the manager gives arguments instead. */
export function messageOf(protocol: Protocol, shot: Shot): string | undefined {
  if (protocol === 'ossec') return undefined;
  return protocol === 'wazuh4' ? wazuh4Message(shot) : wazuh5Message(shot);
}

/** What execd answers to check_keys: its own message again, with another command. */
export function continueOf(message: string): string {
  return JSON.stringify({ ...JSON.parse(message), command: 'continue' });
}
