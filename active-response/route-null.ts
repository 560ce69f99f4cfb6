import { main } from './main.ts';
import { routeNull } from './response/route-null.ts';

main(routeNull);
