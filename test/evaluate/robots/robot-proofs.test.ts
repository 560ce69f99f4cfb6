import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HostNames } from '../../../evaluate/robots/look-up.ts';
import { RobotProofs } from '../../../evaluate/robots/robot-proofs.ts';

const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1)';
const BINGBOT = 'Mozilla/5.0 (compatible; bingbot/2.0)';
const BAIDUSPIDER = 'Mozilla/5.0 (compatible; Baiduspider/2.0)';
const CLIENT = '203.0.113.7';
const HOUR = 3600_000;

const answer = (...confirmed: string[]): HostNames => ({ isAnswered: true, hasNames: true, confirmed });
const NO_NAME: HostNames = { isAnswered: true, hasNames: false, confirmed: [] };
const FAILED: HostNames = { isAnswered: false, hasNames: false, confirmed: [] };
const RIGHT = answer('crawl-1.googlebot.com');

/** Proofs whose look-ups return these answers in turn, the last one repeatedly; the looked-up addresses; a clock. */
function scene(...answers: HostNames[]) {
  let now = 0;
  const lookedUp: string[] = [];
  const proofs = new RobotProofs({
    lookUp: async ({ text }) => {
      lookedUp.push(text);
      return (answers.length > 1 ? answers.shift() : answers[0]) as HostNames;
    },
    clock: () => now,
  });
  return {
    proofs,
    lookedUp,
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    /** The states before and after the look-up. */
    async states(userAgent: string, client = CLIENT) {
      const before = proofs.standing(client, userAgent);
      await proofs.settled(client);
      return [before, proofs.standing(client, userAgent)];
    },
  };
}

for (const [what, names, userAgent, standing] of [
  ['a confirmed name', RIGHT, GOOGLEBOT, 'proved'],
  ['a confirmed name among others', answer('a.baidu.com', 'crawl-1.googlebot.com'), GOOGLEBOT, 'proved'],
  ['a confirmed name of another operator', RIGHT, BINGBOT, 'disproved'],
  ['no confirmed name', answer(), GOOGLEBOT, 'disproved'],
  ['no confirmed name, of an operator with nameless robots', answer(), BAIDUSPIDER, 'disproved'],
  ['no name, of an operator without nameless robots', NO_NAME, GOOGLEBOT, 'disproved'],
  ['no name, of an operator with nameless robots', NO_NAME, BAIDUSPIDER, 'unknown'],
  ['no answer', FAILED, GOOGLEBOT, 'unknown'],
  ['no name, and a claim to be two robots', NO_NAME, `${GOOGLEBOT} ${BAIDUSPIDER}`, 'unknown'],
  ['a confirmed name, and a claim to be two robots', RIGHT, `${GOOGLEBOT} ${BAIDUSPIDER}`, 'proved'],
  ['no confirmed name, and a claim that only ranges prove', answer(), `${GOOGLEBOT} GPTBot`, 'unknown'],
] as const)
  test(`treats a robot with ${what} as ${standing}`, async () => {
    assert.equal(await scene(names).states(userAgent), ['pending', standing]);
  });

test('returns the proof of a proved robot, and no proof of an unproved robot', async () => {
  const { proofs, states } = scene(RIGHT);
  assert.is(proofs.proof(CLIENT, GOOGLEBOT), undefined);
  await states(GOOGLEBOT);
  assert.is(
    proofs.proof(CLIENT, GOOGLEBOT),
    'it is Googlebot: its name crawl-1.googlebot.com resolves to this address',
  );
  assert.is(proofs.proof(CLIENT, BINGBOT), undefined);
  assert.is(proofs.proof('-', GOOGLEBOT), undefined);
});

test('proves a robot by its operator’s ranges without a look-up', () => {
  const { proofs, lookedUp } = scene(NO_NAME);
  const inside = '18.97.14.81';
  assert.is(proofs.standing(inside, 'CCBot/2.0'), 'proved');
  assert.is(proofs.proof(inside, 'CCBot/2.0'), 'it is CCBot: its operator publishes this address');
  assert.is(proofs.standing(CLIENT, 'CCBot/2.0'), 'unknown');
  assert.equal(lookedUp, []);
});

test('looks up nothing for robots without an operator, and for a text that is not an address', () => {
  const { proofs, lookedUp } = scene(RIGHT);
  for (const [client, userAgent] of [
    [CLIENT, 'Feedly/1.0'],
    ['-', GOOGLEBOT],
    ['host.example', GOOGLEBOT],
    ['203.0.113.0/24', GOOGLEBOT],
    ['\\xff', GOOGLEBOT],
  ] as const)
    assert.is(proofs.standing(client, userAgent), 'unknown');
  assert.equal(lookedUp, []);
});

test('looks up nothing without DNS', () => {
  assert.is(new RobotProofs().standing(CLIENT, GOOGLEBOT), 'unknown');
});

test('looks up an address once, for any claimed robot and in any spelling', async () => {
  const { states, lookedUp } = scene(answer());
  await states(GOOGLEBOT, '2001:db8::7');
  await states(BINGBOT, '2001:DB8:0:0::7');
  assert.equal(lookedUp, ['2001:db8::7']);
});

for (const [what, names, lifetime] of [
  ['a proof', RIGHT, 24 * HOUR],
  ['another answer', NO_NAME, HOUR],
  ['a failure', FAILED, HOUR / 12],
] as const)
  test(`looks up again when ${what} has expired`, async () => {
    const { states, lookedUp, pass } = scene(names);
    await states(GOOGLEBOT);
    pass(lifetime - 1);
    await states(GOOGLEBOT);
    assert.is(lookedUp.length, 1);
    pass(1);
    assert.is((await states(GOOGLEBOT))[0], 'pending');
    assert.is(lookedUp.length, 2);
  });

test('uses the answer of a later look-up when the first look-up failed', async () => {
  const { states, pass } = scene(FAILED, RIGHT);
  assert.equal(await states(GOOGLEBOT), ['pending', 'unknown']);
  pass(HOUR);
  assert.equal(await states(GOOGLEBOT), ['pending', 'proved']);
});

test('stops waiting for a look-up that does not end', async () => {
  const proofs = new RobotProofs({ lookUp: () => new Promise(() => {}) });
  assert.is(proofs.standing(CLIENT, GOOGLEBOT), 'pending');
  await proofs.settled(CLIENT, 10);
  assert.is(proofs.standing(CLIENT, GOOGLEBOT), 'pending');
});

test('delays no other robot when many addresses of one network have slow name servers', async () => {
  let running = 0;
  let most = 0;
  const proofs = new RobotProofs({
    lookUp: ({ text }) => {
      running++;
      most = Math.max(most, running);
      return text === CLIENT ? Promise.resolve(RIGHT) : new Promise(() => {});
    },
  });
  for (let i = 0; i < 20_000; i++) proofs.standing(`198.51.${(i >> 8) & 255}.${i & 255}`, GOOGLEBOT);
  assert.is(most, 8);
  assert.is(proofs.standing(CLIENT, GOOGLEBOT), 'pending');
  await proofs.settled(CLIENT);
  assert.is(proofs.standing(CLIENT, GOOGLEBOT), 'proved');
});

test('reports a proof once a day for each address', () => {
  const { proofs, pass } = scene(RIGHT);
  assert.equal(
    [proofs.isNews(CLIENT), proofs.isNews(CLIENT), proofs.isNews('203.0.113.8')],
    [true, false, true],
  );
  pass(24 * HOUR);
  assert.ok(proofs.isNews(CLIENT));
});

test.run();
