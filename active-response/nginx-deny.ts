import { main } from './main.ts';
import { nginxDeny } from './response/nginx-deny.ts';

main(nginxDeny);
