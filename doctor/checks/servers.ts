import { existsSync } from 'node:fs';
import { CLOUDFLARE_SETTINGS, listAccess } from '../../active-response/backend/cloudflare/access.ts';
import { blockedAddresses } from '../../active-response/ledger.ts';
import { reconcileContext } from '../../active-response/reconcile-context.ts';
import type { Response } from '../../active-response/request-context.ts';
import { cloudflareDeny } from '../../active-response/response/cloudflare-deny.ts';
import { haproxyDeny } from '../../active-response/response/haproxy-deny.ts';
import { NGINX_SETTINGS, nginxDeny } from '../../active-response/response/nginx-deny.ts';
import { valuesOf } from '../../active-response/settings/settings.ts';
import { attempt, RiposteError } from '../../base/errors.ts';
import { lookForProgram } from '../../base/find-program.ts';
import { isAskedFor } from '../active-responses.ts';
import type { Examination } from '../examination.ts';
import { type Judged, ok, problem } from '../finding.ts';
import { contextIn } from './backends.ts';
import type { Check } from './check.ts';

/**
 * Checks the responses that change a server or a service, if they are in use: finds faults that would show only at the
 * next alert.
 */
export const servers: Check = (examined) => {
  const used = Object.values(PARTS).filter(({ response }) => isUsed(response, examined));
  if (used.length === 0) return [ok('this host does not use nginx-deny, haproxy-deny or cloudflare-deny')];
  return used.map(({ response, problemOf }) => {
    const error = attempt(() => problemOf(examined));
    if (error instanceof RiposteError) return problem(`${response.name}: ${error.message}`, FIX);
    if (error) return error;
    const [name = ''] = Object.keys(response.backends);
    const { backendOf, executor } = reconcileContext(contextIn(response, examined));
    const size = attempt(() => backendOf(name).list(executor).size);
    if (size instanceof RiposteError) return problem(`${response.name}: ${size.message}`, FIX);
    return ok(`${response.name} blocks by ${name}: ${size} blocked now`);
  });
};

const FIX = 'correct this problem (docs/ has a page for each server), then: riposte sweep';

const isUsed = (response: Response, examined: Examination): boolean =>
  isAskedFor(response, examined) || blockedAddresses(examined.home, response.name).length > 0;

/**
 * The responses that change a server, each with a check for problems that the backend's list does not show.
 *
 * @throws RiposteError
 */
const PARTS: readonly { response: Response; problemOf: (examined: Examination) => Judged | undefined }[] = [
  { response: nginxDeny, problemOf: ({ settings }) => problemOfNginx(settings) },
  { response: haproxyDeny, problemOf: () => undefined },
  {
    response: cloudflareDeny,
    problemOf({ settings }) {
      listAccess(valuesOf(CLOUDFLARE_SETTINGS, settings));
      return undefined;
    },
  },
];

function problemOfNginx(settings: object): Judged | undefined {
  const { nginxFile, nginxCheck, nginxReload } = valuesOf(NGINX_SETTINGS, settings);
  if (!existsSync(nginxFile))
    return problem(
      `nginx-deny: there is no ${nginxFile}: nginx does not start if an included file is missing`,
      `install -D -m 644 /dev/null ${nginxFile}, and include the fragments of nginx.conf.d`,
    );
  const missing = [nginxCheck, nginxReload].find(
    ([program]) => program !== undefined && lookForProgram(program, '') === undefined,
  );
  return (
    missing &&
    problem(`nginx-deny: there is no ${missing[0]}`, 'correct NGINX_CHECK and NGINX_RELOAD in riposte.conf')
  );
}
