import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RequestJudge } from '../../judgement/request-judge.ts';
import type { RobotStanding } from '../../judgement/sources/robots.ts';
import { BROWSER, judgeAll, request, times } from './requests.ts';

const userAgent = 'Mozilla/5.0 (compatible; Examplebot/2.1)';
const pages = (count: number) => times(count, (i) => request(`/old/page-${i}`, { status: '404', userAgent }));
const probes = ['/phpmyadmin/', '/manager/html', '/owa/'].map((path) =>
  request(path, { status: '404', userAgent }),
);
const judgeOf = (standing: RobotStanding) => new RequestJudge({ robotProof: () => standing });

/** The class of each verdict, and the condition under which it holds. */
const found = (standing: RobotStanding, requests = pages(70)) =>
  judgeAll(judgeOf(standing), requests).verdicts.map((each) => [each.class, each.claim?.holds]);

test('counts a disproved robot like any source', () => {
  assert.equal(judgeAll(judgeOf('disproved'), pages(30)).first, 16);
  assert.equal(found('disproved', probes), [['probes', undefined]]);
});

test('applies the limit for robots to an unknown robot only for missing pages', () => {
  assert.equal(judgeAll(judgeOf('unknown'), pages(70)).first, 60);
  assert.equal(found('unknown'), [['robot burst', undefined]]);
  assert.equal(found('unknown', probes), [['probes', undefined]]);
});

test('makes the verdicts on a proved robot depend on the proof', () => {
  assert.equal(judgeAll(judgeOf('proved'), pages(30)).first, 16);
  assert.equal(found('proved', pages(30)), [['burst', 'unless proved']]);
  assert.equal(found('proved', probes), [['probes', 'unless proved']]);
});

test('gives one verdict at each limit while the proof is pending', () => {
  assert.equal(found('pending'), [
    ['burst', 'if disproved'],
    ['robot burst', 'unless proved'],
  ]);
  assert.equal(found('pending', probes), [['probes', 'unless proved']]);
});

test('gives an unconditional verdict at the next missing page when the proof fails after a conditional verdict', () => {
  let standing: RobotStanding = 'pending';
  const judge = new RequestJudge({ robotProof: () => standing });
  judgeAll(judge, pages(16));
  standing = 'disproved';
  const { verdicts } = judgeAll(judge, [request('/other', { status: '404', userAgent })]);
  assert.equal(
    verdicts.map((each) => [each.class, each.claim]),
    [['burst', undefined]],
  );
});

test('never makes a verdict on an exploit or on failed logins depend on a proof', () => {
  const login = request('/wp-login.php', { method: 'POST', userAgent });
  assert.equal(found('proved', [request('/.env', { userAgent })]), [['unmistakable', undefined]]);
  assert.equal(found('proved', Array(10).fill(login)), [['logins', undefined]]);
});

test('asks for a proof only for a claimed robot that has reached a limit', () => {
  const asked: string[] = [];
  const judge = new RequestJudge({
    robotProof: (client) => {
      asked.push(client);
      return 'unknown';
    },
  });
  judgeAll(judge, [...pages(4), ...probes.slice(0, 2)]);
  judgeAll(
    judge,
    times(40, (i) => request(`/old/page-${i}`, { status: '404', client: '203.0.113.8', userAgent: BROWSER })),
  );
  assert.equal(asked, []);
  judgeAll(judge, pages(16));
  assert.equal([...new Set(asked)], ['203.0.113.7']);
});

test('keeps a short copy of a long user agent', () => {
  const long = `${userAgent}${'x'.repeat(5000)}`;
  const requests = times(16, (i) => request(`/old/page-${i}`, { status: '404', userAgent: long }));
  const [verdict] = judgeAll(judgeOf('proved'), requests).verdicts;
  assert.is(verdict?.claim?.userAgent, long.slice(0, 500));
});

test.run();
