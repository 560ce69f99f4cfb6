import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { haproxyMap } from '../../../../active-response/backend/haproxy/map.ts';
import { parseTarget } from '../../../../base/address.ts';
import { EX, RiposteError } from '../../../../base/errors.ts';
import { dryExecutor, realExecutor } from '../../../../base/execute.ts';
import { refuses, temporaryDirectory } from '../../support.ts';

/** A file, a ledger, and a stand-in for a running HAProxy, which answers as HAProxy 2.6 does. */
function scene() {
  const file = join(temporaryDirectory(), 'deny.map');
  writeFileSync(file, '');
  const ledger = new Set<string>();
  const asked: string[] = [];
  let running: string[] = [];
  const prepared = new Map<string, string[]>();
  /** Called before the stand-in answers a request. */
  let meanwhile: (request: string) => void = () => {};
  let refusal: string | undefined;
  const answer = (request: string): string => {
    meanwhile(request);
    asked.push(request.split('\n', 1)[0] ?? '');
    if (refusal !== undefined) return refusal;
    const [verb, , name, key = '', ...rest] = request.split(/\s+/);
    const version = /^@(\d+)$/.exec(name ?? '')?.[1];
    if (verb === 'prepare') {
      prepared.set('1', []);
      return 'New version created: 1\n\n';
    }
    if (verb === 'add' && version) {
      prepared.get(version)?.push(...rest.filter((word) => word.includes('.') || word.includes(':')));
      return '\n';
    }
    if (verb === 'commit') {
      running = prepared.get('1') ?? [];
      return '\n';
    }
    if (verb === 'show') return `${running.map((each) => `0x7f3c54046bc0 ${each} deny\n`).join('')}\n`;
    if (verb === 'add') running.push(key);
    const found = running.includes(key);
    if (verb === 'set') return found ? '\n' : 'entry not found.\n\n';
    if (verb === 'del') running = running.filter((each) => each !== key);
    return verb === 'del' && !found ? 'Key not found.\n\n' : '\n';
  };
  const map = haproxyMap(
    file,
    () => ledger,
    (requests) => requests.map(answer),
  );
  const executor = realExecutor(1, {});
  const changes = (verb: 'block' | 'unblock', addresses: readonly string[]) => {
    for (const each of addresses) verb === 'block' ? ledger.add(each) : ledger.delete(each);
    map.applyAll?.(
      addresses.map((each) => ({ verb, known: false, address: parseTarget(each) })),
      executor,
    );
  };
  return {
    file,
    ledger,
    asked,
    map,
    changes,
    executor,
    running: () => running,
    lose: () => {
      running = [];
    },
    refuse: (text: string | undefined) => {
      refusal = text;
    },
    onRequest: (work: (request: string) => void) => {
      meanwhile = work;
    },
    listed: () => [...map.list(executor).keys()],
  };
}

const MANY = Array.from({ length: 60 }, (_, index) => `198.51.100.${index}`);

test('adds and removes single entries, in the file and in the running map', () => {
  const it = scene();
  it.changes('block', ['203.0.113.9', '2001:db8::/48']);
  assert.equal(it.listed(), ['203.0.113.9', '2001:db8::/48']);
  assert.is(readFileSync(it.file, 'utf8'), '203.0.113.9 deny\n2001:db8::/48 deny\n');
  it.changes('block', ['203.0.113.9']);
  assert.equal(it.running(), ['203.0.113.9', '2001:db8::/48'], 'the map has the entry once');
  it.changes('unblock', ['203.0.113.9', '192.0.2.1']);
  assert.equal(it.listed(), ['2001:db8::/48']);
  assert.is(readFileSync(it.file, 'utf8'), '#03.0.113.9 deny\n2001:db8::/48 deny\n');
});

test('replaces the whole map for many changes, by one commit', () => {
  const it = scene();
  it.changes('block', ['203.0.113.9']);
  it.asked.length = 0;
  it.changes('block', MANY);
  assert.equal(it.running(), ['203.0.113.9', ...MANY]);
  assert.equal(
    it.asked.map((request) => request.split(' ')[0]),
    ['prepare', 'add', 'commit'],
  );
});

test('keeps changes that another process makes while the whole map is replaced', () => {
  const it = scene();
  it.changes('block', ['203.0.113.9']);
  it.onRequest((request) => {
    if (!request.startsWith('commit')) return;
    it.ledger.add('192.0.2.7'); // another process changes the ledger just before the commit
    it.ledger.delete('203.0.113.9');
  });
  it.changes('block', MANY);
  assert.equal(new Set(it.running()), new Set(['192.0.2.7', ...MANY]));
});

test('writes the file when HAProxy refuses, and names the map', () => {
  const it = scene();
  it.refuse('Unknown map identifier. Please use #<id> or <file>.\n\n');
  refuses(
    () => it.changes('block', ['203.0.113.9']),
    EX.UNAVAILABLE,
    /^HAProxy has no map \S+deny\.map; name it/,
  );
  refuses(() => it.listed(), EX.UNAVAILABLE, /^HAProxy has no map /);
  assert.is(readFileSync(it.file, 'utf8'), '203.0.113.9 deny\n');
  it.refuse("'x' is not a valid IPv4 or IPv6 address.\n\n");
  refuses(() => it.changes('block', ['203.0.113.8']), EX.UNAVAILABLE, /^HAProxy: 'x' is not a valid/);
});

test('blocks in the running map when the file is not Riposte’s, and reports that', () => {
  const it = scene();
  writeFileSync(it.file, 'a line of others\n');
  refuses(() => it.changes('block', ['203.0.113.9']), EX.CONFIG, /is not a map; set HAPROXY_FILE/);
  assert.equal(it.running(), ['203.0.113.9']);
});

test('corrects the file from the ledger in tidy', () => {
  const it = scene();
  it.changes('block', ['203.0.113.9']);
  writeFileSync(it.file, '192.0.2.1 deny\n');
  assert.equal(it.map.tidy?.(it.executor), [`${it.file}: corrected 2 entries`]);
  assert.is(readFileSync(it.file, 'utf8'), '#92.0.2.1 deny\n203.0.113.9 deny\n');
  assert.equal(it.map.tidy?.(it.executor), []);
});

test('changes nothing in a dry run, and prints the changes', () => {
  const it = scene();
  const said: string[] = [];
  const change = { verb: 'block', known: false, address: parseTarget('203.0.113.9') } as const;
  it.map.apply(
    change,
    dryExecutor(1, {}, (line) => said.push(line)),
  );
  assert.equal(said, [`would change ${it.file} and the map of the running HAProxy: add 203.0.113.9`]);
  assert.is(readFileSync(it.file, 'utf8'), '');
  assert.equal(it.asked, []);
});

test('makes a file that is missing', () => {
  const it = scene();
  const file = `${it.file}.new`;
  const map = haproxyMap(
    file,
    () => ['203.0.113.9'],
    (requests) => requests.map(() => '\n'),
  );
  map.apply({ verb: 'block', known: false, address: parseTarget('203.0.113.9') }, it.executor);
  assert.ok(existsSync(file));
  assert.match(readFileSync(file, 'utf8'), /^# Addresses that HAProxy denies .*\n203\.0\.113\.9 deny\n$/);
});

test('throws an error when HAProxy does not answer', () => {
  const it = scene();
  const map = haproxyMap(
    it.file,
    () => [],
    () => {
      throw new RiposteError(EX.TEMPFAIL, 'no answer');
    },
  );
  refuses(() => map.list(it.executor), EX.TEMPFAIL, /^no answer$/);
});

test.run();
