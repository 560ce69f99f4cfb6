import { route } from './backend/route.ts';
import { main } from './main.ts';

main({
  name: 'route-null',
  summary: 'sends what this host would answer an address nowhere, by a route',
  backends: { route: ({ routeType }) => route(routeType) },
  choose: () => 'route',
});
