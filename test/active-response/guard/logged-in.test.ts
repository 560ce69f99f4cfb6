import { mkdirSync, writeFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loggedInFrom } from '../../../active-response/guard/logged-in.ts';
import { temporaryDirectory } from '../support.ts';

const { size, address } = ['arm64', 'riscv64', 'loong64'].includes(process.arch)
  ? { size: 400, address: 360 }
  : { size: 384, address: 348 };

/** A record of utmp(5). @param bytes the remote address, in network order */
function utmpRecord(type: number, pid: number, bytes: readonly number[]): Buffer {
  const record = Buffer.alloc(size);
  const view = new DataView(record.buffer, record.byteOffset);
  const isLittle = endianness() === 'LE';
  view.setInt16(0, type, isLittle);
  view.setInt32(4, pid, isLittle);
  record.set(bytes, address);
  return record;
}

function hostWith(sessions: Record<string, string>, utmp?: readonly Buffer[]): string {
  const root = temporaryDirectory();
  mkdirSync(join(root, 'run/systemd/sessions'), { recursive: true });
  for (const [name, text] of Object.entries(sessions))
    writeFileSync(join(root, 'run/systemd/sessions', name), text);
  if (utmp) writeFileSync(join(root, 'run/utmp'), Buffer.concat([...utmp]));
  return root;
}

const session = (state: string, host: string) =>
  `# This is private data. Do not parse.\nUID=1000\nACTIVE=1\nSTATE=${state}\nREMOTE=1\nREMOTE_HOST=${host}\nTYPE=tty\n`;

test('finds the remote hosts of logind’s sessions', () => {
  const root = hostWith({
    1: session('active', '203.0.113.7'),
    2: session('online', '2001:0DB8::0:7'),
    3: session('active', '::ffff:203.0.113.8'),
    '4.ref': '',
  });
  assert.equal([...loggedInFrom(root)], ['203.0.113.7', '2001:db8::7', '203.0.113.8']);
});

test('leaves out closed sessions, local sessions and host names', () => {
  const root = hostWith({
    1: session('closing', '203.0.113.7'),
    2: 'STATE=active\nREMOTE=0\n',
    3: session('active', 'office.example.org'),
    4: session('active', '-rf /'),
  });
  assert.equal([...loggedInFrom(root)], []);
});

test('finds the addresses in utmp of processes that run', () => {
  const v6 = [0x20, 0x01, 0x0d, 0xb8, ...Array(11).fill(0), 9];
  const root = hostWith({}, [
    utmpRecord(7, process.pid, [203, 0, 113, 7]),
    utmpRecord(7, 1, v6),
    utmpRecord(7, 2 ** 30, [203, 0, 113, 8]),
    utmpRecord(8, process.pid, [203, 0, 113, 9]),
    Buffer.alloc(10),
  ]);
  assert.equal([...loggedInFrom(root)].slice(0, 2), ['203.0.113.7', '2001:db8::9']);
  assert.is(loggedInFrom(root).size, 2);
});

test('finds no remote host without logind and utmp', () => {
  assert.equal([...loggedInFrom(temporaryDirectory())], []);
});

test.run();
