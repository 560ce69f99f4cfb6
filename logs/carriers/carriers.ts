import type { Carrier } from './carrier.ts';
import { compose } from './compose.ts';
import { cri } from './cri.ts';
import { docker } from './docker.ts';
import { journald } from './journald.ts';
import { syslog } from './syslog.ts';

/** Every carrier. Their first bytes tell them apart. To add one, write its file and a line here. */
export const CARRIERS: readonly Carrier[] = [syslog, journald, docker, cri, compose];
