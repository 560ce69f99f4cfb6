import { spawnSync } from 'node:child_process';
import { getPriority } from 'node:os';
import * as assert from 'uvu/assert';
import { asOthers, goFirst } from '../../../cli/resident/priority.ts';
import { labSuite } from '../../lab/suite.ts';

const test = labSuite('who goes first', 'nice');

test('all that is started goes first, but what may stay', () => {
  const ofChild = () => Number(spawnSync('nice').stdout.toString());
  goFirst('this process');
  const own = getPriority(0);
  assert.ok(own === -20 || own === 0, `${own}: as high as it goes, or as it was where that is not allowed`);
  assert.is(ofChild(), own);
  assert.is(asOthers(ofChild), 0);
  assert.throws(() =>
    asOthers(() => {
      throw new Error('x');
    }),
  );
  assert.equal([getPriority(0), ofChild()], [own, own]);
});

test.run();
