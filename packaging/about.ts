import type { PackageKind } from './contents.ts';

export const MAINTAINER = 'The Riposte developers <maintainers@riposte.example>';
export const SUMMARY = 'active responses for OSSEC and Wazuh, or without a manager';

/** A description in lines of at most 79 characters. */
export const descriptionOf = ({ node }: PackageKind): string[] => [
  'Riposte watches the log of a web server and blocks addresses that scan or',
  'attack it: in the firewall, by a route, or in Apache. It works alone, or as',
  'the part that acts for OSSEC and Wazuh.',
  '',
  ...(node === undefined
    ? ["This package runs on the distribution's Node.js, 20.12 or newer."]
    : ['This package has a Node.js of its own, which no other program uses.']),
];
