import { flavours } from '../backend/apache/flavours.ts';
import type { Response } from '../circumstances.ts';

export const apacheDeny: Response = {
  name: 'apache-deny',
  summary: 'has Apache deny an address: for servers behind a proxy, where a firewall sees the proxy alone',
  backends: flavours,
  choose: ({ apacheDeny }) => apacheDeny,
};
