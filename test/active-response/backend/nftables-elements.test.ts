import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  parseDump as parseBytes,
  splitState as splitBytes,
} from '../../../active-response/backend/nftables-elements.ts';

/* The kernel's bytes are written as latin1 here. */
const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');
const parse = (dump: string) => parseBytes(bytesOf(dump));
function splitState(output: string): [state: string, dump: string] {
  const [state, dump] = splitBytes(bytesOf(output));
  return [state, dump.toString('latin1')];
}

/** The message with which the kernel ends the list of a set. */
const DONE = Buffer.concat([Buffer.from([20, 0, 0, 0, 3, 0, 2, 0]), Buffer.alloc(12)]).toString('latin1');

/** Parses the kernel's messages about one set. */
function parseDump(messages: string) {
  const sets = parse(messages + DONE);
  if (sets) assert.is(sets.length, 1);
  return sets?.[0];
}

/** A netlink attribute. @param type may include the flags that the kernel sets */
function attribute(type: number, ...values: Buffer[]): Buffer {
  const value = Buffer.concat(values);
  const head = Buffer.alloc(4);
  head.writeUInt16LE(4 + value.length, 0);
  head.writeUInt16LE(type, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}

const NESTED = 0x8000;
const text = (some: string) => Buffer.from(`${some}\0`);
function number(some: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(some));
  return bytes;
}
const key = (...bytes: number[]) => attribute(1 | NESTED, attribute(1, Buffer.from(bytes)));
const counter = (packets: number, bytes: number) => [
  attribute(1, text('counter')),
  attribute(2 | NESTED, attribute(1, number(bytes)), attribute(2, number(packets))),
];
const limit = [attribute(1, text('limit')), attribute(2 | NESTED, attribute(1, number(7)))];
const timeout = [attribute(4, number(86_400_000)), attribute(5, number(86_399_000))];
const element = (...parts: Buffer[]) => attribute(1 | NESTED, ...parts);
const elements = (...some: Buffer[]) => attribute(3 | NESTED, ...some);

interface Message {
  readonly type?: number;
  readonly flags?: number;
  readonly generation?: number;
}

/** A message of the kernel with these attributes. */
function message(
  parts: readonly Buffer[],
  { type = 0xa0c, flags = 2, generation = 7 }: Message = {},
): string {
  const body = Buffer.concat([attribute(1, text('riposte')), attribute(2, text('blocked4')), ...parts]);
  const head = Buffer.alloc(20);
  head.writeUInt32LE(20 + body.length, 0);
  head.writeUInt16LE(type, 4);
  head.writeUInt16LE(flags, 6);
  head[16] = 1;
  head.writeUInt16BE(generation, 18);
  return Buffer.concat([head, body]).toString('latin1');
}

const IPV6 = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9];
const none = { packets: undefined, bytes: undefined };
const endless = { left: undefined };
const timed = { left: 86_399_000 };

test('reads addresses of both families, with and without time and counter', () => {
  const line = message([
    elements(
      element(key(203, 0, 113, 9)),
      element(key(...IPV6), ...timeout),
      element(key(203, 0, 113, 10), attribute(7 | NESTED, ...counter(3, 2 ** 33 + 180)), ...timeout),
    ),
  ]);
  assert.equal(parseDump(line), [
    { host: '203.0.113.9', ...none, ...endless },
    { host: '2001:db8::9', ...none, ...timed },
    { host: '203.0.113.10', packets: 3, bytes: 2 ** 33 + 180, ...timed },
  ]);
});

test('finds the counter among several expressions, and ignores the other expressions', () => {
  const several = attribute(
    11 | NESTED,
    attribute(1 | NESTED, ...limit),
    attribute(1 | NESTED, ...counter(3, 180)),
  );
  const line = message([
    elements(
      element(key(203, 0, 113, 9), several),
      element(key(203, 0, 113, 10), attribute(7 | NESTED, ...limit)),
    ),
  ]);
  assert.equal(parseDump(line), [
    { host: '203.0.113.9', packets: 3, bytes: 180, ...endless },
    { host: '203.0.113.10', ...none, ...endless },
  ]);
});

test('reads several messages, and none for an empty set', () => {
  const one = message([elements(element(key(203, 0, 113, 9)))]);
  assert.is(parseDump(one + one + message([]))?.length, 2);
  assert.equal(parseDump(''), []);
});

test('gives up when the set has changed meanwhile', () => {
  const one = message([elements(element(key(203, 0, 113, 9)))]);
  assert.is(parseDump(one + message([], { generation: 8 })), undefined);
  assert.is(parseDump(one + message([], { flags: 0x12 })), undefined);
});

for (const [what, line] of [
  ['another message', message([], { type: 0xa09 })],
  ['half a message', message([]).slice(0, -4)],
  ['an attribute that is too long', message([elements(Buffer.from('ff000100', 'hex'))])],
  ['an attribute of no size', message([elements(Buffer.from('00000100', 'hex'))])],
  ['an element without a key', message([elements(element(...timeout))])],
  ['a key that is not an address', message([elements(element(key(1, 2, 3)))])],
  ['a key with another attribute', message([elements(element(attribute(1, attribute(2, Buffer.alloc(4)))))])],
] as const)
  test(`refuses ${what}`, () => {
    assert.throws(() => parseDump(line), Error);
  });

test('refuses a list that the kernel ended early, for example because the table was deleted meanwhile', () => {
  const early = Buffer.from(DONE, 'latin1');
  early.writeInt32LE(-2, 16);
  const one = message([elements(element(key(203, 0, 113, 9)))]);
  assert.throws(() => parse(one + early.toString('latin1')), /ended early/);
});

test('reads each set up to its end', () => {
  const one = message([elements(element(key(203, 0, 113, 9)))]);
  assert.equal(
    parse(one + DONE + DONE + one + one + DONE)?.map(({ length }) => length),
    [1, 0, 2],
  );
  assert.equal(parse(''), []);
});

test('refuses an answer without its end', () => {
  assert.throws(() => parse(message([elements(element(key(203, 0, 113, 9)))])), Error);
});

const STATE = '0a04104f-c6e8-4282-a0e7-cb8ec0a89dea 17964 00000002';

test('separates the state of the sets from the dump', () => {
  assert.equal(splitState(`${STATE}\n${DONE}`), [STATE, DONE]);
  assert.equal(splitState(`\n${DONE}`), ['', DONE]);
  assert.equal(splitState(`${STATE}\n`), [STATE, '']);
});

for (const output of ['', STATE, 'another\n', `${STATE} and more\n`])
  test(`refuses the output ${JSON.stringify(output)}`, () => {
    assert.throws(() => splitState(output), /no state/);
  });

test.run();
