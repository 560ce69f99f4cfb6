import type { Carrier } from './carrier.ts';
import { compose } from './compose.ts';
import { cri } from './cri.ts';
import { docker } from './docker.ts';
import { journald } from './journald.ts';
import { syslog } from './syslog.ts';

/** All carriers. The first bytes of a line identify its carrier. To add one, write its file and a line here. */
export const CARRIERS: readonly Carrier[] = [syslog, journald, docker, cri, compose];
