import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RequestJudge } from '../../../judgement/request-judge.ts';
import { SharedSources } from '../../../judgement/sources/shared-sources.ts';
import type { AccessRecord } from '../../../logs/readers/reading.ts';
import { BROWSER, request, START } from '../requests.ts';

const test = suite('shared sources');
const CLIENT = '203.0.113.7';

interface Traffic {
  readonly requests?: number;
  readonly seconds?: number;
  readonly make?: (i: number) => Partial<AccessRecord>;
}

/** Judges evenly distributed requests. @returns whether their source is shared at the end, and the found sources */
function isShared({ requests = 1100, seconds = 3900, make = () => ({}) }: Traffic) {
  const shared = new SharedSources();
  const judge = new RequestJudge({ shared });
  for (let i = 0; i < requests; i++)
    judge.judge(request('/', { client: CLIENT, ...make(i) }), START + Math.floor((i * seconds) / requests));
  return { shared: shared.has(CLIENT, START + seconds), found: shared.takeFound() };
}

const agent = (i: number) => ({ userAgent: `${BROWSER} Client/${i}` });

test('finds a source whose 20 user agents share 1,000 requests in an hour', () => {
  assert.equal(isShared({ make: (i) => agent(i % 20) }), { shared: true, found: [CLIENT] });
});

test('finds a source whose requests are mostly answered, and whose agents differ in frequency', () => {
  const make = (i: number): Partial<AccessRecord> => ({
    ...(i % 5 < 2 ? { userAgent: BROWSER } : agent(i % 37)),
    status: i % 3 === 0 ? '404' : i % 3 === 1 ? '301' : '200',
    target: '/missing',
  });
  assert.ok(isShared({ make }).shared);
});

test('finds a source that makes ten requests each second for an hour', () => {
  assert.ok(isShared({ requests: 40_000, make: (i) => agent(i % 300) }).shared);
});

for (const [what, traffic] of [
  ['19 user agents', { make: (i: number) => agent(i % 19) }],
  ['fewer than 1,000 requests', { requests: 900, make: (i: number) => agent(i % 20) }],
  ['requests of less than an hour', { seconds: 3400, make: (i: number) => agent(i % 20) }],
  ['one user agent in most requests', { make: (i: number) => (i % 10 < 6 ? {} : agent(i % 30)) }],
  ['another user agent in each request', { make: agent }],
  [
    'mostly missing pages',
    { make: (i: number) => ({ ...agent(i % 20), target: '/gone', status: i % 5 < 3 ? '404' : '200' }) },
  ],
] as const)
  test(`does not find a source with ${what}`, () => {
    assert.equal(isShared(traffic), { shared: false, found: [] });
  });

test('does not find a source that continues to attack', () => {
  const make = (i: number) => ({ ...agent(i % 20), target: i % 200 === 0 ? '/.env' : '/' });
  assert.not(isShared({ requests: 3000, seconds: 8000, make }).shared);
});

test('holds a source as shared for a day after its last busy hour', () => {
  const shared = new SharedSources();
  const judge = new RequestJudge({ shared });
  for (let i = 0; i < 1100; i++)
    judge.judge(request('/', { client: CLIENT, ...agent(i % 20) }), START + i * 3.6);
  assert.ok(shared.has(CLIENT, START + 20 * 3600));
  assert.not(shared.has(CLIENT, START + 30 * 3600));
  assert.not(shared.has('203.0.113.8', START + 4000));
});

test('no longer holds a shared source after ten verdicts', () => {
  const shared = new SharedSources();
  for (let i = 0; i < 1100; i++)
    shared.note(CLIENT, { ...agent(i % 20), status: '200' }, START + i * 4, START);
  assert.ok(shared.has(CLIENT, START + 5000));
  for (let verdict = 1; verdict <= 10; verdict++) {
    assert.ok(shared.has(CLIENT, START + 5000), `${verdict}`);
    shared.restart(CLIENT, START + 5000);
  }
  assert.not(shared.has(CLIENT, START + 5000));
});

test('counts at most 2,000 sources, and a further source once the counted sources are silent', () => {
  const shared = new SharedSources();
  const record = request('/', agent(0));
  for (let i = 0; i < 10_000; i++) shared.note(`${20 + (i % 80)}.${i >> 8}.0.1`, record, START, START);
  for (let i = 0; i < 1100; i++) shared.note(CLIENT, request('/', agent(i % 20)), START + i * 3.6, START);
  assert.equal(shared.takeFound(), []);
  const later = START + 3 * 3600;
  for (let i = 0; i < 1100; i++) shared.note(CLIENT, request('/', agent(i % 20)), later + i * 3.6, later);
  assert.equal(shared.takeFound(), [CLIENT]);
});

for (const [what, flood] of [
  ['/24', (i: number) => `198.18.0.${i & 255}`],
  ['/16', (i: number) => `198.18.${(i >> 8) & 255}.${i & 255}`],
  ['/48', (i: number) => `2001:db8:0:${i.toString(16)}::/64`],
  ['/32', (i: number) => `2001:db8:${i.toString(16)}::/64`],
] as const)
  test(`finds a shared source after 10,000 requests from other sources of one ${what}`, () => {
    const shared = new SharedSources();
    for (let i = 0; i < 10_000; i++) shared.note(flood(i), request('/', agent(0)), START, START);
    for (let i = 0; i < 1100; i++) shared.note(CLIENT, request('/', agent(i % 20)), START + i * 3.6, START);
    assert.equal(shared.takeFound(), [CLIENT]);
  });

test('counts other sources of a network once its first sources are silent', () => {
  const shared = new SharedSources();
  for (let i = 0; i < 250; i++) shared.note(`203.0.113.${i}`, request('/', agent(0)), START, START);
  const later = START + 3 * 3600;
  const last = '203.0.113.255';
  for (let i = 0; i < 1100; i++) shared.note(last, request('/', agent(i % 20)), later + i * 3.6, later);
  assert.equal(shared.takeFound(), [last]);
});

test.run();
