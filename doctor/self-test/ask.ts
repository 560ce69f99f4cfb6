import { execa } from 'execa';
import type { Protocol } from '../../active-response/protocol/request.ts';
import type { Ended, PrivateHost } from './private-host.ts';

/** One request to a script, and the way in which its manager would start the script. */
export interface Asked {
  readonly verb: 'add' | 'delete';
  readonly address: string;
  readonly home: string;
  /** The script's file name. */
  readonly script: string;
  readonly protocol: Protocol;
  /** The PATH of the service. */
  readonly path: string;
  /** Settings, as flags. */
  readonly flags: readonly string[];
}

/** Starts a script and exchanges messages with it as its manager does. */
export function ask(host: PrivateHost, asked: Asked): Promise<Ended> {
  const { protocol, path, home, script, verb, address, flags } = asked;
  const [directory, program] =
    protocol === 'ossec'
      ? ['/', `${home}/active-response/bin/${script}`]
      : [home, `active-response/bin/${script}`];
  const words = ['/usr/bin/env', '-i', `--chdir=${directory}`, `PATH=${path}`, program];
  // The alert and its location are invented; the location says that the doctor asked.
  if (protocol === 'ossec')
    return host.run([...words, verb, '-', address, '1.1', '31151', 'riposte-doctor', ...flags]);
  return shakeHands(host, [...words, ...flags], messageOf(asked));
}

/** Wazuh's handshake: writes one line and keeps standard input open, reads one line, answers `continue`. */
async function shakeHands(host: PrivateHost, words: readonly string[], message: string): Promise<Ended> {
  const [program, args] = host.command(words);
  const script = execa(program, args, { ...host.options, stdin: 'pipe', buffer: { stdout: false } });
  let question = '';
  script.stdin.on('error', () => {}); // the script may end before it has read all input
  script.stdin.write(`${message}\n`);
  script.stdout.on('data', (chunk: Buffer) => {
    question += chunk;
    if (!question.includes('\n')) return;
    script.stdin.write(question.replace('"check_keys"', '"continue"'));
    script.stdout.destroy(); // execd closes its end, too
  });
  const { exitCode, stderr } = await script;
  script.stdin.destroy();
  return { status: exitCode, stdout: question, stderr };
}

function messageOf({ verb, address, script, protocol }: Asked): string {
  if (protocol === 'wazuh5') {
    const response = {
      name: script,
      executable: script,
      type: 'stateful',
      stateful_timeout: 60,
      location: 'local',
    };
    const command = verb === 'add' ? 'enable' : 'disable';
    return JSON.stringify({ wazuh: { active_response: response }, source: { ip: address }, command });
  }
  const alert = {
    rule: { id: '31151', level: 10 },
    id: '1.1',
    data: { srcip: address },
    location: 'riposte-doctor',
  };
  const program = `active-response/bin/${script}`;
  const parameters = { extra_args: [], alert, program };
  return JSON.stringify({
    version: 1,
    origin: { name: '', module: 'wazuh-execd' },
    command: verb,
    parameters,
  });
}
