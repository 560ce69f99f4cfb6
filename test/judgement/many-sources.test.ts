import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RequestJudge } from '../../judgement/request-judge.ts';
import { SHARE } from '../runner/share.ts';
import { request, START } from './requests.ts';

const test = suite('many sources');
setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function heapInUse(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const address = (number: number) => `198.18.${(number >> 8) & 255}.${number & 255}`;

test('finds each of 1,000 sources that scan in turn with one request per minute', () => {
  const judge = new RequestJudge();
  const found = new Set<string>();
  for (let minute = 0; minute < 40; minute++)
    for (let i = 0; i < 1000; i++) {
      const record = request(`/page-${minute}`, { client: address(i), status: '404' });
      if (judge.judge(record, START + minute * 60 + i * 0.06)) found.add(address(i));
    }
  assert.is(found.size, 1000);
});

test('finds a scan from many addresses of one IPv6 network, but counts each address separately with prefix length 128', () => {
  const scanOf = (judge: RequestJudge, network: (i: number) => string) =>
    Array.from({ length: 16 }, (_, i) =>
      judge.judge(request(`/page-${i}`, { client: `${network(i)}::${i + 1}`, status: '404' }), START + i),
    ).find(Boolean)?.class;
  const one = () => '2001:db8:bad:7';
  assert.is(scanOf(new RequestJudge({ ipv6Prefix: 64 }), one), 'burst');
  assert.is(scanOf(new RequestJudge(), one), undefined);
  const many = (i: number) => `2001:db8:bad:${i}`;
  assert.is(scanOf(new RequestJudge({ ipv6Prefix: 64 }), many), undefined);
  assert.is(scanOf(new RequestJudge({ ipv6Prefix: 48 }), many), 'burst');
});

test('remembers an unfinished scan when more sources follow than the judge can remember', () => {
  const judge = new RequestJudge({ sources: 100 });
  const scan = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) =>
      judge.judge(request(`/page-${from + i}`, { status: '404' }), START + from + i),
    ).find(Boolean);
  scan(0, 10);
  for (let i = 0; i < 1000; i++) judge.judge(request('/', { client: address(i) }), START + 10);
  assert.is(scan(11, 17)?.class, 'burst');
});

/** The number of sources. If the judge remembered every source, even 400,000 sources would exceed the test's limit. */
const MANY = SHARE === 'quick' ? 400_000 : 1_000_000;

test(`remembers 100,000 of ${MANY} sources, in bounded memory`, () => {
  const judge = new RequestJudge();
  const record = request('/page', { status: '404' });
  const judgeMany = (from: number, to: number) => {
    for (let i = from; i < to; i++)
      judge.judge(
        { ...record, client: `2001:db8::${(i >> 16).toString(16)}:${(i & 0xffff).toString(16)}` },
        START,
      );
  };
  judgeMany(0, 150_000);
  const before = heapInUse();
  judgeMany(150_000, MANY);
  assert.is(judge.remembered, 100_000);
  const grown = (heapInUse() - before) / 2 ** 20;
  assert.ok(grown < 20, `${grown} MB`);
});

test.run();
