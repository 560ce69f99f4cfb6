import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RequestJudge } from '../../judgement/request-judge.ts';
import { BEHAVIOURS } from './behaviours.ts';
import { judgeAll } from './requests.ts';

const test = suite('behaviours');

for (const { name, isAttack, requests, step } of BEHAVIOURS)
  test(`${isAttack ? 'finds' : 'accepts'} ${name}`, () => {
    const { verdicts } = judgeAll(new RequestJudge(), requests, step);
    assert.is(verdicts.length > 0, isAttack, JSON.stringify(verdicts));
  });

test.run();
