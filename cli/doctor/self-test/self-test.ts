import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Response } from '../../../active-response/circumstances.ts';
import { RiposteError } from '../../../active-response/errors.ts';
import { RESPONSES } from '../../../active-response/response/responses.ts';
import { placeIn } from '../checks/backends.ts';
import { type Examination, isWazuh5 } from '../examination.ts';
import { type Finding, type Judged, ok, problem, warning } from '../finding.ts';
import { PrivateHost } from './private-host.ts';
import { Trial } from './trial.ts';

/** From the range for documentation: nobody is there. */
const ADDRESS = '192.0.2.1';

/**
 * Has each installed script block an address and unblock it again, in the manager's own way, and looks with the
 * backend's own program whether it did.
 *
 * It is the installed file itself that runs, by its own `#!` line, in the service's PATH, with the home's own
 * riposte.conf, riposte.allow, ossec.conf and ar.conf. Not real are the network, and what is written into the
 * home: both are a namespace's. So what works here works when execd does the same.
 */
export async function selfTest(examined: Examination): Promise<Finding[]> {
  const { home, env, isRoot } = examined;
  if (!isRoot)
    return [{ topic: 'self-test', ...warning('not tested: only root can', 'sudo riposte doctor') }];
  const installed = RESPONSES.filter(({ name }) => existsSync(scriptOf(name, examined)));
  if (installed.length === 0) return [];
  let host: PrivateHost;
  try {
    host = await PrivateHost.create(home.root, env.PATH);
  } catch (error) {
    const why = `not tested: this host makes no private namespaces (${(error as Error).message})`;
    const fix = 'run it outside the container, or in one with --cap-add SYS_ADMIN';
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
  const backend = backendOf(response, examined);
  if (backend === 'firewalld' || backend === 'pf')
    return warning(
      `${name} is not tested: ${backend} knows no namespaces, it would be this host’s own firewall`,
      `try it with an address of your own choice: ${scriptOf(name, examined)} add - ADDRESS`,
    );
  const trial = new Trial(response, ADDRESS, protocolOf(examined), examined, host);
  const script = scriptOf(name, examined);
  const byHand = `see what it says: ${script} add - ${ADDRESS} --dry-run`;
  const blocked = await trial.fire('add');
  if (blocked.status !== 0 || !blocked.inForce) {
    return problem(`${name} did not block ${ADDRESS}: ${blocked.said}`, byHand);
  }
  if (!blocked.isLogged) return problem(`${name} blocked ${ADDRESS}, but left no line in the log`, byHand);
  const unblocked = await trial.fire('delete');
  if (unblocked.status !== 0 || unblocked.inForce)
    return problem(`${name} did not unblock ${ADDRESS}: ${unblocked.said}`, byHand);
  return ok(
    `${name} blocked ${ADDRESS} by ${blocked.backend} and let it go, asked as ${protocolOf(examined)} does`,
  );
}

/** How the manager that is installed talks; without one, as a person does. */
function protocolOf({ manager, dialect }: Examination) {
  return isWazuh5(manager) ? 'wazuh5' : dialect === 'wazuh' ? 'wazuh4' : 'ossec';
}

function backendOf(response: Response, examined: Examination): string | undefined {
  const { settings, env } = placeIn(response, examined);
  try {
    return response.choose(settings, env);
  } catch (error) {
    if (error instanceof RiposteError) return undefined; // the script will say so
    throw error;
  }
}

const scriptOf = (name: string, { home }: Examination): string =>
  join(home.root, 'active-response/bin', `${name}.js`);
