import { spawnSync } from 'node:child_process';
import { getPriority } from 'node:os';
import * as assert from 'uvu/assert';
import { raisePriority, withNormalPriority } from '../../daemon/priority.ts';
import { labSuite } from '../lab/suite.ts';

const test = labSuite('priority', 'nice');

test('raises the priority of child processes except under withNormalPriority', () => {
  const ofChild = () => Number(spawnSync('nice').stdout.toString());
  raisePriority('this process');
  const own = getPriority(0);
  assert.ok(own === -20 || own === 0, `${own}: the highest, or unchanged if that is forbidden`);
  assert.is(ofChild(), own);
  assert.is(withNormalPriority(ofChild), 0);
  assert.throws(() =>
    withNormalPriority(() => {
      throw new Error('x');
    }),
  );
  assert.equal([getPriority(0), ofChild()], [own, own]);
});

test.run();
