import { homeAt } from '../../active-response/home.ts';
import type { ResponseContext } from '../../active-response/request-context.ts';
import { apacheDeny } from '../../active-response/response/apache-deny.ts';
import { directoryOfPrograms, settingsWith, temporaryDirectory } from './support.ts';

/**
 * apache-deny in its own home, on a host without an IPv6 gateway. Its blocks are lines in a file, so tests need no
 * firewall.
 */
export const apacheContext = (): ResponseContext => ({
  response: apacheDeny,
  home: homeAt(temporaryDirectory()),
  settings: settingsWith(),
  env: { PATH: `${directoryOfPrograms({ ip: '' })}:/usr/bin:/bin` },
  dryRun: undefined,
});
