import { existsSync } from 'node:fs';
import { haproxyMap } from '../backend/haproxy/map.ts';
import { askHaproxy } from '../backend/haproxy/runtime-socket.ts';
import { blockedAddresses } from '../ledger.ts';
import type { Response } from '../request-context.ts';
import { setting, valuesOf } from '../settings/settings.ts';
import { absolutePath } from '../settings/values.ts';

const NAME = 'haproxy-deny';

const HAPROXY_SETTINGS = {
  haproxyFile: setting({
    key: 'HAPROXY_FILE',
    fallback: '/var/lib/riposte/haproxy/deny.map',
    initial: '/var/lib/riposte/haproxy/deny.map',
    parse: absolutePath,
    form: 'an absolute path, as in haproxy.cfg',
    means: 'the map of addresses that HAProxy reads when it starts',
    isRoots: true,
  }),
  haproxySocket: setting({
    key: 'HAPROXY_SOCKET',
    fallback: '/run/haproxy/admin.sock',
    initial: '/run/haproxy/admin.sock',
    parse: absolutePath,
    form: 'an absolute path',
    means: 'the runtime socket of HAProxy, with “level admin”',
    isRoots: true,
  }),
};

export const haproxyDeny: Response = {
  name: NAME,
  summary: 'makes HAProxy deny an address, by its runtime socket, without a reload',
  isOptional: true,
  settings: HAPROXY_SETTINGS,
  backends: {
    haproxy(settings, home) {
      const { haproxyFile, haproxySocket } = valuesOf(HAPROXY_SETTINGS, settings);
      return haproxyMap(
        haproxyFile,
        () => blockedAddresses(home, NAME),
        (requests) =>
          requests.length === 0 ? [] : askHaproxy(haproxySocket, requests, settings.commandTimeout),
      );
    },
  },
  present: (settings) => (existsSync(valuesOf(HAPROXY_SETTINGS, settings).haproxySocket) ? ['haproxy'] : []),
  choose: () => 'haproxy',
};
