import { main } from './main.ts';
import { apacheDeny } from './response/apache-deny.ts';

main(apacheDeny);
