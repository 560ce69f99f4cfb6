import * as assert from 'uvu/assert';
import type { Finding } from '../../../cli/doctor/finding.ts';
import { isPrintable } from '../../active-response/support.ts';
import type { TreeKind } from '../../lab/manager-tree.ts';
import { labSuite } from '../../lab/suite.ts';
import { HealthyTree } from './healthy.ts';

/** One thing that is wrong with a tree, and the one finding that tells of it. */
export interface Broken {
  readonly what: string;
  /** Default: ossec-server. */
  readonly kind?: TreeKind;
  readonly breaks: (at: HealthyTree) => unknown;
  readonly env?: NodeJS.ProcessEnv;
  /** `PROBLEM topic`, or `warning topic`. */
  readonly found: `${'PROBLEM' | 'warning'} ${string}`;
  /** What follows from it. */
  readonly also?: readonly string[];
  readonly seen: RegExp;
  readonly fix: RegExp;
}

/** A suite in which each tree has one thing broken, and nothing else may be found. */
export function brokenSuite(name: string, all: readonly Broken[]): void {
  const test = labSuite(name, 'nft');
  for (const { what, kind = 'ossec-server', breaks, env, found, also = [], seen, fix } of all) {
    test(`${what} (${kind})`, async () => {
      const at = await HealthyTree.create(kind);
      try {
        await breaks(at);
        const wrong = at.wrong(env);
        assert.equal(wrong.map(spell), [found, ...also], JSON.stringify(wrong, undefined, 1));
        assert.match(wrong[0]?.seen ?? '', seen);
        assert.match(wrong[0]?.fix ?? '', fix);
      } finally {
        await at.remove();
      }
    });
  }
  test.run();
}

/** State and topic. */
export const spell = ({ state, topic }: Finding): string =>
  `${state === 'problem' ? 'PROBLEM' : state} ${topic}`;

/** Checks that what is shown is on one line whatever was in the files. */
export function assertPrintable(out: string): void {
  for (const line of out.split('\n')) assert.ok(isPrintable(line), JSON.stringify(line));
}
