import { flavours } from '../backend/apache/flavours.ts';
import type { Response } from '../request-context.ts';

export const apacheDeny: Response = {
  name: 'apache-deny',
  summary: 'makes Apache deny an address: for servers behind a proxy, where a firewall sees only the proxy',
  backends: flavours,
  takesPrefixes: ({ apacheDeny }) => apacheDeny !== 'map',
  choose: ({ apacheDeny }) => apacheDeny,
};
