import type { RobotClaim } from './sources/robots.ts';

/** The class of a verdict. */
export type VerdictClass = 'unmistakable' | 'probes' | 'burst' | 'logins' | 'robot burst';

/** A judgement on a request, or on the requests of one source. */
export interface Verdict {
  readonly class: VerdictClass;
  /** The rule's id, as OSSEC and Wazuh count them. */
  readonly rule: number;
  readonly level: number;
  /** A description for an administrator. */
  readonly description: string;
  /** The source's claim to be a robot, if the verdict depends on its proof. */
  readonly claim?: RobotClaim | undefined;
}

/** The properties that a class's alerts have. */
export interface ClassOfVerdict {
  readonly rule: number;
  readonly level: number;
  /** The groups of the rule, as OSSEC writes them. */
  readonly group: string;
  /** The meaning of the class. A verdict adds its evidence. */
  readonly description: string;
}

/** A class of the table: the classes of verdicts, and `severe` for the unmistakable requests of level 12. */
export type ClassName = VerdictClass | 'severe';

export const CLASSES: Readonly<Record<ClassName, ClassOfVerdict>> = {
  unmistakable: {
    rule: 117100,
    level: 10,
    group: 'web_scan,attack,',
    description: 'Attack: a request that nobody makes by mistake',
  },
  severe: {
    rule: 117101,
    level: 12,
    group: 'attack,exploit_attempt,',
    description: 'Attack: a request that takes a server over, or a secret that was served',
  },
  probes: {
    rule: 117102,
    level: 10,
    group: 'web_scan,recon,',
    description: 'Probes: three different ones from one source',
  },
  burst: {
    rule: 117103,
    level: 10,
    group: 'web_scan,recon,',
    description: 'Burst: many different missing pages from one source',
  },
  logins: {
    rule: 117104,
    level: 10,
    group: 'authentication_failures,',
    description: 'Failed logins: many from one source',
  },
  'robot burst': {
    rule: 117105,
    level: 10,
    group: 'web_scan,recon,',
    description: 'Burst: many different missing pages from one robot',
  },
};
