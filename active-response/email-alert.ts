import { main } from '../notify/main.ts';

main();
