import { flavours } from './backend/apache/flavours.ts';
import { main } from './main.ts';

main({
  name: 'apache-deny',
  summary: 'has Apache deny an address: for servers behind a proxy, where a firewall sees the proxy alone',
  backends: flavours,
  choose: ({ apacheDeny }) => apacheDeny,
});
