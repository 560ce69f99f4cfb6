/**
 * The messages of managers, byte for byte. The messages of OSSEC 4.3 and Wazuh 4.14.7 were captured; the messages of
 * Wazuh 5 were made from its source.
 */

/** OSSEC on a server: the arguments of execd. */
export const ossec = (command: 'add' | 'delete', address: string): string[] => [
  command,
  '-',
  address,
  '1795166136.16',
  '31151',
  '/var/log/apache2/access.log',
  '-',
];

/** OSSEC on an agent, with a user. The location is two arguments. The last argument is glibc's text for a null. */
export const ossecAgent = (command: 'add' | 'delete', address: string): string[] => [
  command,
  'bob',
  address,
  '1795166388.33',
  '100501',
  '(lab-agent)',
  '10.99.77.2->/var/log/x.log',
  '(null)',
];

/** `agent_control -b ADDRESS -f NAME -u 001`. */
export const agentControl = (address: string): string[] => [
  'add',
  '-',
  address,
  '(from_the_server)',
  '(no_rule_id)',
];

/** Wazuh 4: one line on standard input. */
export function wazuh4(
  command: 'add' | 'delete',
  address: string,
  extraArguments: string[] = [],
  script = 'NAME',
): string {
  const alert = `{"timestamp":"2026-11-20T09:16:41.090+0000","rule":{"level":7,"description":"myapp: bad thing from ${address}","id":"100100","firedtimes":1,"mail":false,"groups":["local","myapp","attack"]},"agent":{"id":"000","name":"vm"},"manager":{"name":"vm"},"id":"1795166201.0","full_log":"Nov 20 09:00:00 host myapp[1]: bad thing from ${address} user bob f=ok","predecoder":{"program_name":"myapp","timestamp":"Nov 20 09:00:00","hostname":"host"},"decoder":{"name":"myapp"},"data":{"srcip":"${address}","dstuser":"bob","myfield":"ok"},"location":"/var/log/myapp.log"}`;
  return `{"version":1,"origin":{"name":"undefined","module":"wazuh-execd"},"command":"${command}","parameters":{"extra_args":${JSON.stringify(extraArguments)},"alert":${alert},"program":"active-response/bin/${script}"}}\n`;
}

/**
 * Wazuh 4's `agent_control -b`: neither rule nor id nor timestamp. It sends an empty module, and execd writes its own
 * name there (src/os_execd/execd.c).
 */
export function wazuh4AgentControl(address: string, command = 'add', script = 'NAME'): string {
  return `{"version":1,"origin":{"name":"","module":"wazuh-execd"},"command":"${command}","parameters":{"extra_args":[],"alert":{"data":{"srcip":"${address}"}},"program":"active-response/bin/${script}"}}\n`;
}

/** The rule of Wazuh 5's messages below. */
export const WAZUH5_RULE = '5af54681-df95-4c26-854f-2565e13cfab0';

/**
 * Wazuh 5: the document of the active response, with the finding merged in, as the manager of 5.0.1 builds it
 * (framework/wazuh/core/indexer/active_response.py), and execd's command at its end.
 *
 * @param timeout seconds; undefined for a stateless response
 * @param more further fields of the finding
 */
export function wazuh5(
  command: 'enable' | 'disable',
  address: string,
  timeout?: number,
  extraArguments: string | null = '',
  more: object = {},
): string {
  const type = timeout === undefined ? 'stateless' : 'stateful';
  return `${JSON.stringify({
    '@timestamp': '2026-11-20T09:16:41.090Z',
    event: { doc_id: 'kq2eV5cBbYt0', index: 'wazuh-findings-v5-other' },
    wazuh: {
      agent: { id: '001', name: 'lab-agent', version: 'v5.0.1' },
      event: { id: '0199a3c4-7f2e-7bb0-9a51-0d3c1f2e4a5b' },
      integration: { name: 'apache-access', category: 'other', decoders: ['decoder/core-wazuh-message/0'] },
      protocol: { location: '/var/log/apache2/access.log', queue: 49 },
      rule: {
        id: WAZUH5_RULE,
        title: 'A scanner',
        level: 'medium',
        status: 'stable',
        tags: ['attack.t1595'],
      },
      space: { name: 'custom' },
      active_response: {
        name: 'block',
        executable: 'NAME',
        extra_arguments: extraArguments,
        type,
        ...(timeout === undefined ? {} : { stateful_timeout: timeout }),
        location: 'local',
        agent_id: null,
      },
    },
    source: { ip: address },
    user: { name: 'bob' },
    ...more,
    command,
  })}\n`;
}
