import { route } from '../backend/route.ts';
import type { Response } from '../request-context.ts';

export const routeNull: Response = {
  name: 'route-null',
  summary: 'sends what this host would answer an address nowhere, by a route',
  backends: { route: ({ routeType }) => route(routeType) },
  choose: () => 'route',
};
