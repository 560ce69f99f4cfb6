import { main } from './main.ts';
import { haproxyDeny } from './response/haproxy-deny.ts';

main(haproxyDeny);
