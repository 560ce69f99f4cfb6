import { existsSync, realpathSync } from 'node:fs';
import { scriptOf } from '../../active-response/home.ts';
import type { Response } from '../../active-response/request-context.ts';
import { RESPONSES } from '../../active-response/response/responses.ts';
import { RiposteError } from '../../base/errors.ts';
import { contextIn } from '../checks/backends.ts';
import { type Examination, isWazuh5 } from '../examination.ts';
import { type Finding, type Judged, ok, problem, warning } from '../finding.ts';
import { PrivateHost } from './private-host.ts';
import { canBeTried, Trial } from './trial.ts';

/** An address of the documentation range, which no host has. */
const ADDRESS = '192.0.2.1';

/**
 * Asks each installed script to block and unblock an address as the manager would, and checks the result with the
 * backend's own program.
 *
 * The test runs the installed file by its own `#!` line, in the service's PATH, with the home's own riposte.conf,
 * riposte.allow, ossec.conf and ar.conf. Only the network and the changes to the home belong to a namespace, so a
 * script that works here works for execd.
 */
export async function selfTest(examined: Examination): Promise<Finding[]> {
  const { home, env, isRoot } = examined;
  if (!isRoot)
    return [
      {
        topic: 'self-test',
        ...warning('not tested: only root can run the self-test', 'sudo riposte doctor'),
      },
    ];
  const installed = RESPONSES.filter(
    (each) => canBeTried(each) && existsSync(scriptOf(examined.home, each.name)),
  );
  if (installed.length === 0) return [];
  let host: PrivateHost;
  try {
    host = await PrivateHost.create(realpathSync(home.root), env.PATH);
  } catch (error) {
    const why = `not tested: this host does not allow private namespaces (${(error as Error).message})`;
    const fix = 'run riposte doctor outside the container, or in one with --cap-add SYS_ADMIN';
    return [{ topic: 'self-test', ...warning(why, fix) }];
  }
  try {
    const findings: Finding[] = [];
    for (const response of installed)
      findings.push({ topic: 'self-test', ...(await tryOut(response, examined, host)) });
    return findings;
  } finally {
    await host.remove();
  }
}

async function tryOut(response: Response, examined: Examination, host: PrivateHost): Promise<Judged> {
  const { name } = response;
  const backend = hostWideBackend(response, examined);
  if (backend !== undefined)
    return warning(
      `${name} is not tested: ${backend} does not support namespaces, so a test would change this host’s own firewall`,
      `try it with an address of your choice: ${scriptOf(examined.home, name)} add - ADDRESS`,
    );
  const trial = new Trial(response, ADDRESS, protocolOf(examined), examined, host);
  const script = scriptOf(examined.home, name);
  const byHand = `to see the script’s own message, run: ${script} add - ${ADDRESS} --dry-run`;
  const blocked = await trial.fire('add');
  if (blocked.status !== 0 || !blocked.inForce) {
    return problem(`${name} did not block ${ADDRESS}: ${blocked.said}`, byHand);
  }
  if (!blocked.isLogged) return problem(`${name} blocked ${ADDRESS}, but left no line in the log`, byHand);
  const unblocked = await trial.fire('delete');
  if (unblocked.status !== 0 || unblocked.inForce)
    return problem(`${name} did not unblock ${ADDRESS}: ${unblocked.said}`, byHand);
  return ok(
    `${name} blocked ${ADDRESS} by ${blocked.backend} and unblocked it, by requests in the form of ${protocolOf(examined)}`,
  );
}

/** The protocol of the installed manager; without a manager, the protocol that operators use. */
function protocolOf({ manager, dialect }: Examination) {
  return isWazuh5(manager) ? 'wazuh5' : dialect === 'wazuh' ? 'wazuh4' : 'ossec';
}

/** The name of the response's backend if that backend changes the host's own firewall from within any namespace. */
function hostWideBackend(response: Response, examined: Examination): string | undefined {
  const { settings, env, home } = contextIn(response, examined);
  try {
    const name = response.choose(settings, env);
    return response.backends[name]?.(settings, home).isHostWide ? name : undefined;
  } catch (error) {
    if (error instanceof RiposteError) return undefined; // the script's own message follows
    throw error;
  }
}
