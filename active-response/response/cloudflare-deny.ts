import { CLOUDFLARE_SETTINGS, listAccess } from '../backend/cloudflare/access.ts';
import { itemOf } from '../backend/cloudflare/items.ts';
import { cloudflareList, RESPONSE } from '../backend/cloudflare/list.ts';
import type { Response } from '../request-context.ts';
import { valuesOf } from '../settings/settings.ts';

export const cloudflareDeny: Response = {
  name: RESPONSE,
  summary: 'adds an address to a list at Cloudflare, which blocks it by a rule',
  isOptional: true,
  settings: CLOUDFLARE_SETTINGS,
  backends: {
    cloudflare: (settings, home) =>
      cloudflareList(
        home,
        () => listAccess(valuesOf(CLOUDFLARE_SETTINGS, settings)),
        Math.max(1, settings.commandTimeout - 5),
      ),
  },
  itemOf,
  choose: () => 'cloudflare',
};
