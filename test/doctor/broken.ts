import * as assert from 'uvu/assert';
import type { Finding } from '../../doctor/finding.ts';
import { isPrintable } from '../active-response/support.ts';
import type { TreeKind } from '../lab/manager-tree.ts';
import { labSuite } from '../lab/suite.ts';
import { HealthyTree } from './healthy.ts';

/** One mistake in a tree, and the one finding that reports it. */
export interface Broken {
  /** The mistake, as a clause: `ossec.conf is gone`. */
  readonly what: string;
  /** Default: ossec-server. */
  readonly kind?: TreeKind;
  readonly breaks: (at: HealthyTree) => unknown;
  readonly env?: NodeJS.ProcessEnv;
  /** The expected finding: `PROBLEM topic`, or `warning topic`. */
  readonly finding: `${'PROBLEM' | 'warning'} ${string}`;
  /** Further findings that the mistake causes. */
  readonly also?: readonly string[];
  readonly seen: RegExp;
  readonly fix: RegExp;
}

/** Defines a suite. Each test makes one mistake in a healthy tree; doctor must report only the expected findings. */
export function brokenSuite(name: string, all: readonly Broken[]): void {
  const test = labSuite(name, 'nft');
  for (const { what, kind = 'ossec-server', breaks, env, finding, also = [], seen, fix } of all) {
    test(`reports when ${what} (${kind})`, async () => {
      const at = await HealthyTree.create(kind);
      try {
        await breaks(at);
        const wrong = at.wrong(env);
        assert.equal(wrong.map(spell), [finding, ...also], JSON.stringify(wrong, undefined, 1));
        assert.match(wrong[0]?.seen ?? '', seen);
        assert.match(wrong[0]?.fix ?? '', fix);
      } finally {
        await at.remove();
      }
    });
  }
  test.run();
}

/** Renders a finding's state and topic. */
export const spell = ({ state, topic }: Finding): string =>
  `${state === 'problem' ? 'PROBLEM' : state} ${topic}`;

/** Checks that every line of the output is printable, whatever the files hold. */
export function assertPrintable(out: string): void {
  for (const line of out.split('\n')) assert.ok(isPrintable(line), JSON.stringify(line));
}
