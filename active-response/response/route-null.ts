import { route } from '../backend/route.ts';
import type { Response } from '../request-context.ts';

export const routeNull: Response = {
  name: 'route-null',
  summary: 'discards this host’s packets to an address, by a route',
  backends: { route: ({ routeType }) => route(routeType) },
  choose: () => 'route',
};
