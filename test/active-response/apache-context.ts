import { homeAt } from '../../active-response/home.ts';
import type { ResponseContext } from '../../active-response/request-context.ts';
import { apacheDeny } from '../../active-response/response/apache-deny.ts';
import { directoryOfPrograms, settingsWith, temporaryDirectory } from './support.ts';

/** apache-deny in a home of its own, on a host without an IPv6 gateway: its blocks need no kernel. */
export const apacheContext = (): ResponseContext => ({
  response: apacheDeny,
  home: homeAt(temporaryDirectory()),
  settings: settingsWith(),
  env: { PATH: `${directoryOfPrograms({ ip: '' })}:/usr/bin:/bin` },
  dryRun: undefined,
});
