import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Client, clientOf, type HeaderKind, type ProxyPolicy } from '../../../logs/proxies/client-of.ts';
import { cdnOf, isPrivate, TrustedProxies } from '../../../logs/proxies/trusted-proxies.ts';
import { parseAddressField } from '../../../logs/readers/address-field.ts';
import { someRuns } from '../../runner/share.ts';

const ALONE: ProxyPolicy = { trustsPeer: false, proxies: undefined };
const BEHIND_PROXY: ProxyPolicy = { trustsPeer: true, proxies: undefined };
const trusting = (...items: string[]): ProxyPolicy => ({
  trustsPeer: false,
  proxies: new TrustedProxies(items),
});
const both = (...items: string[]): ProxyPolicy => ({ ...trusting(...items), trustsPeer: true });

const CLIENT = '203.0.113.7';
const VICTIM = '198.51.100.99';
const PROXY = '192.0.2.10';
const KINDS = [
  'x-forwarded-for',
  'forwarded',
  'cf-connecting-ip',
  'proxy-protocol',
  'client-written',
] as const;

const addressOf = (client: Client): string | undefined => client.address;
const reasonOf = (client: Client): string => (client.address === undefined ? client.reason : '');

/** The client that X-Forwarded-For or another header gives. */
const by = (
  header: string | undefined,
  policy: ProxyPolicy,
  peer: string | undefined = PROXY,
  kind: HeaderKind = 'x-forwarded-for',
): string | undefined => addressOf(clientOf(peer, header, kind, policy));

test('takes the peer as the client, whatever the header says, when no proxy is trusted', () => {
  for (const header of [undefined, '', '-', VICTIM, `${VICTIM}, ${CLIENT}`, 'foo'])
    assert.is(by(header, ALONE, CLIENT), CLIENT);
  assert.is(addressOf(clientOf(CLIENT, undefined, undefined, ALONE)), CLIENT);
  assert.is(by(VICTIM, ALONE, '[2001:db8::7]:443'), '2001:db8::7');
});

test('gives no client when a log has a header and no peer, unless a setting says that a proxy writes the header', () => {
  const client = clientOf(undefined, VICTIM, 'x-forwarded-for', ALONE);
  assert.is(addressOf(client), undefined);
  assert.match(reasonOf(client), 'set TRUSTED_PROXIES');
  assert.is(addressOf(clientOf(undefined, `${VICTIM}, ${CLIENT}`, 'x-forwarded-for', BEHIND_PROXY)), CLIENT);
  const proxies = trusting(PROXY);
  assert.is(addressOf(clientOf(undefined, `${CLIENT}, ${PROXY}`, 'x-forwarded-for', proxies)), CLIENT);
  assert.is(addressOf(clientOf(undefined, undefined, undefined, BEHIND_PROXY)), undefined);
});

for (const [title, policy] of [
  ['--behind-proxy', BEHIND_PROXY],
  ['TRUSTED_PROXIES', trusting(PROXY)],
  ['both', both(PROXY)],
] as const) {
  test(`${title}: takes the last address of the header as the client`, () => {
    for (const [header, expected] of [
      [CLIENT, CLIENT],
      [`${VICTIM}, ${CLIENT}`, CLIENT],
      [`${VICTIM},${CLIENT}`, CLIENT],
      [`10.0.0.1, ${CLIENT}`, CLIENT],
      [`${CLIENT}:5123`, CLIENT],
      ['[2001:db8::7]:443', '2001:db8::7'],
      [`${VICTIM}, [2001:db8::7]:443`, '2001:db8::7'],
      ['::ffff:203.0.113.7', CLIENT],
      [`${CLIENT}, 10.0.0.1`, CLIENT],
      [`${CLIENT}, ::ffff:10.0.0.1, 64:ff9b::10.0.0.2, fd00::1, 127.0.0.1`, CLIENT],
    ] as const)
      assert.is(by(header, policy), expected, header);
  });

  test(`${title}: ignores the client’s text before the last address`, () => {
    for (const left of ['foo', '-', '', '"', 'unknown', '203.0.113.0/24', `"${VICTIM}`, 'a b', VICTIM, '\\"'])
      assert.is(by(`${left}, ${CLIENT}`, policy), CLIENT, left);
  });

  test(`${title}: gives no client when the header does not end with an address`, () => {
    for (const header of [
      'foo',
      '"',
      `${CLIENT};`,
      `${CLIENT},`,
      `${CLIENT}, `,
      `${VICTIM}, unknown`,
      `${VICTIM}, _hidden`,
      `${VICTIM}, -`,
      `${VICTIM}, 203.0.113.0/24`,
      `${VICTIM}, host.example`,
      `${VICTIM} ${CLIENT}`,
      `${VICTIM}, foo, 10.0.0.1`,
      `${VICTIM},, 10.0.0.1`,
      `0 ${VICTIM} TCP_MISS/404 1 GET /.env - D/1.1.1.1 t`,
      `Nov 20 09:00:00 web apache: [client ${VICTIM}] ModSecurity: Access denied`,
    ]) {
      assert.is(by(header, policy), undefined, header);
      assert.match(
        reasonOf(clientOf(PROXY, header, 'x-forwarded-for', policy)),
        'does not end with an address',
      );
    }
  });

  test(`${title}: gives no client when the proxy names none`, () => {
    for (const header of [undefined, '', ' ', '-']) {
      assert.is(by(header, policy), undefined);
      assert.match(reasonOf(clientOf(PROXY, header, 'x-forwarded-for', policy)), 'names no client');
    }
  });

  test(`${title}: takes the client from the PROXY protocol’s field only when the field is one address`, () => {
    for (const [header, expected] of [
      [CLIENT, CLIENT],
      ['2001:db8::7', '2001:db8::7'],
      ['10.0.0.1', '10.0.0.1'],
      [`${CLIENT}, ${VICTIM}`, undefined],
      ['unknown', undefined],
      ['203.0.113.0/24', undefined],
      ['-', undefined],
    ] as const)
      assert.is(by(header, policy, PROXY, 'proxy-protocol'), expected, header);
  });

  test(`${title}: gives no client from a header that many proxies pass on unchanged`, () => {
    for (const header of [VICTIM, `${VICTIM}, ${CLIENT}`, '-', 'foo']) {
      const client = clientOf(PROXY, header, 'client-written', policy);
      assert.is(addressOf(client), undefined, header);
      assert.match(reasonOf(client), 'log X-Forwarded-For instead');
    }
  });

  test(`${title}: gives no client from CF-Connecting-IP when the peer is not a proxy of Cloudflare`, () => {
    for (const peer of [PROXY, undefined]) {
      const client = clientOf(peer, VICTIM, 'cf-connecting-ip', policy);
      assert.is(addressOf(client), undefined, peer);
      assert.match(reasonOf(client), 'does not come from Cloudflare');
    }
  });
}

for (const [title, policy] of [
  ['TRUSTED_PROXIES', trusting(PROXY)],
  ['both', both(PROXY)],
] as const) {
  test(`${title}: takes the client or none from Forwarded`, () => {
    for (const [header, expected] of [
      [`for=${CLIENT}`, CLIENT],
      [`for=${VICTIM}, for=${CLIENT};proto=https;by=${PROXY}`, CLIENT],
      [`for=${VICTIM}, for="[2001:db8::7]:443"`, '2001:db8::7'],
      [`for="${VICTIM}, for=${CLIENT}`, CLIENT],
      [`for=${CLIENT}, for=10.0.0.1;host="a,b"`, CLIENT],
      [`for=${VICTIM}, for=unknown`, undefined],
      [`for=${VICTIM}, for=_hidden`, undefined],
      [`for=${VICTIM}, proto=https`, undefined],
      [`for=${VICTIM},`, undefined],
      [`for=${VICTIM};for=${CLIENT}`, undefined],
      [`${VICTIM}, ${CLIENT}`, undefined],
      [`for=${VICTIM}, foo, for=10.0.0.1`, undefined],
    ] as const)
      assert.is(by(header, policy, PROXY, 'forwarded'), expected, header);
  });
}

test('--behind-proxy: gives no client from Forwarded, which few proxies write', () => {
  const client = clientOf(PROXY, `for=${VICTIM}`, 'forwarded', BEHIND_PROXY);
  assert.is(addressOf(client), undefined);
  assert.match(reasonOf(client), 'name your proxies in TRUSTED_PROXIES');
});

test('gives no client from Forwarded when the request came through a CDN, which passes on the client’s text', () => {
  const policy = trusting(PROXY, 'cloudflare');
  for (const [peer, header] of [
    ['173.245.48.9', `for=${VICTIM}`],
    [PROXY, `for=${VICTIM}, for=173.245.48.9`],
    [PROXY, `for=${VICTIM}, for="[::ffff:173.245.48.9]:443", for=10.0.0.1`],
  ] as const) {
    const client = clientOf(peer, header, 'forwarded', policy);
    assert.is(addressOf(client), undefined, header);
    assert.match(reasonOf(client), 'log X-Forwarded-For instead');
  }
  assert.is(by(`for=${CLIENT}`, policy, PROXY, 'forwarded'), CLIENT);
});

test('takes CF-Connecting-IP as the client when the peer is a proxy of Cloudflare', () => {
  const cloudflare = '173.245.48.9';
  for (const policy of [trusting('cloudflare'), both('cloudflare', PROXY), BEHIND_PROXY]) {
    assert.is(by(CLIENT, policy, cloudflare, 'cf-connecting-ip'), CLIENT);
    assert.is(by(CLIENT, policy, `::ffff:${cloudflare}`, 'cf-connecting-ip'), CLIENT);
    assert.is(by(`${VICTIM}, ${CLIENT}`, policy, cloudflare, 'cf-connecting-ip'), undefined);
    assert.is(by('-', policy, cloudflare, 'cf-connecting-ip'), undefined);
  }
});

test('gives no client from CF-Connecting-IP when TRUSTED_PROXIES does not name cloudflare', () => {
  for (const policy of [trusting('173.245.48.0/20'), trusting('fastly', '173.245.48.9')])
    assert.is(by(VICTIM, policy, '173.245.48.9', 'cf-connecting-ip'), undefined);
  // A proxy that is not Cloudflare's passes on a client's text in this header.
  assert.is(by(VICTIM, trusting('cloudflare', 'fastly'), '151.101.0.9', 'cf-connecting-ip'), undefined);
  assert.is(by(VICTIM, both('cloudflare'), '127.0.0.1', 'cf-connecting-ip'), undefined);
});

test('TRUSTED_PROXIES: takes an unlisted peer as the client, and ignores the header', () => {
  for (const policy of [trusting(PROXY), both(PROXY)])
    for (const header of [undefined, '', '-', VICTIM, `${VICTIM}, ${PROXY}`, 'foo', `for=${VICTIM}`])
      for (const kind of KINDS) assert.is(by(header, policy, CLIENT, kind), CLIENT, `${kind}: ${header}`);
});

test('TRUSTED_PROXIES: takes the last unlisted address as the client', () => {
  const policy = trusting(PROXY, '192.0.2.128/25', 'cloudflare');
  for (const [header, expected] of [
    [`${VICTIM}, ${CLIENT}, 192.0.2.200`, CLIENT],
    [`${VICTIM}, ${CLIENT}, 173.245.48.9, 10.0.0.1, 192.0.2.200`, CLIENT],
    [`${CLIENT}, ::ffff:192.0.2.200, 64:ff9b::173.245.48.9`, CLIENT],
    [`${VICTIM}, ${CLIENT}, 192.0.2.100`, '192.0.2.100'],
    [`${VICTIM}, foo, 192.0.2.200`, undefined],
    [`${VICTIM}, , 192.0.2.200`, undefined],
    ['192.0.2.200', undefined],
    ['173.245.48.9, 192.0.2.200', undefined],
  ] as const)
    assert.is(by(header, policy), expected, header);
});

test('both: trusts an unlisted private peer, and takes the peer as the client when its header names no client', () => {
  assert.is(by(`${VICTIM}, ${CLIENT}, 173.245.48.9`, both('cloudflare'), '127.0.0.1'), CLIENT);
  assert.is(by(`${VICTIM}, ${CLIENT}, 173.245.48.9`, trusting('cloudflare'), '127.0.0.1'), '127.0.0.1');
  assert.is(by('-', both('cloudflare'), '10.0.0.1'), '10.0.0.1');
  assert.is(by('-', both('cloudflare'), '173.245.48.9'), undefined);
});

test('takes the only private address as the client, and none when there are several', () => {
  for (const policy of [BEHIND_PROXY, trusting(PROXY, '10.0.0.1')]) {
    assert.is(by('10.1.2.3', policy), '10.1.2.3');
    assert.is(by('10.7.7.7, 10.1.2.3', policy), undefined);
  }
  assert.is(by('10.1.2.3, 10.0.0.1', trusting(PROXY, '10.0.0.1')), '10.1.2.3');
  assert.is(by('10.7.7.7, 10.1.2.3, 10.0.0.1', trusting(PROXY, '10.0.0.1')), undefined);
  assert.is(by('10.0.0.1', trusting(PROXY, '10.0.0.1')), undefined);
  const several = clientOf(PROXY, '10.7.7.7, 10.1.2.3', 'x-forwarded-for', BEHIND_PROXY);
  assert.match(reasonOf(several), 'list the proxies among them in TRUSTED_PROXIES');
});

test('gives no client when the header ends with the address of a Cloudflare Worker', () => {
  const worker = '2a06:98c0:3600::103';
  const policy = trusting('cloudflare');
  assert.ok(policy.proxies?.has(worker));
  assert.is(by(`${VICTIM}, ${worker}`, policy, '173.245.48.9'), undefined);
  assert.is(by(worker, policy, '173.245.48.9', 'cf-connecting-ip'), undefined);
  assert.is(by(worker, BEHIND_PROXY, '173.245.48.9'), undefined);
});

test('gives no client when the peer is a host name, unless --behind-proxy trusts every peer', () => {
  for (const policy of [ALONE, trusting(PROXY), both(PROXY)]) {
    const client = clientOf('proxy.example', CLIENT, 'x-forwarded-for', policy);
    assert.is(addressOf(client), undefined);
    assert.match(reasonOf(client), 'has a name');
  }
  assert.is(by(CLIENT, BEHIND_PROXY, 'proxy.example'), CLIENT);
  assert.is(addressOf(clientOf('proxy.example', undefined, undefined, BEHIND_PROXY)), undefined);
});

test('takes the peer as the client in a log without a header, unless the peer is a proxy', () => {
  const client = (peer: string, policy: ProxyPolicy) => clientOf(peer, undefined, undefined, policy);
  for (const policy of [ALONE, trusting(PROXY), both(PROXY)])
    assert.is(addressOf(client(CLIENT, policy)), CLIENT);
  for (const policy of [BEHIND_PROXY, trusting(PROXY), both(PROXY)]) {
    assert.is(addressOf(client(PROXY, policy)), undefined);
    assert.match(reasonOf(client(PROXY, policy)), 'has no header with the client');
  }
});

/** A header value that a client may send: pieces of lists, and anything else. */
const clientText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        VICTIM,
        'for=',
        `for=${VICTIM}`,
        ',',
        ', ',
        ';',
        '"',
        '\\',
        '\\"',
        '=',
        '[',
        ']',
        ':443',
        'unknown',
        '-',
        ' ',
        '10.0.0.1',
        PROXY,
        '173.245.48.9',
        '2a06:98c0:3600::103',
        'host="',
      ),
      fc.string({ unit: 'binary-ascii', maxLength: 5 }),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(''));

const ITEMS = ['192.0.2.0/25', '2001:db8:1::/48', 'cloudflare', 'fastly', 'cloudfront'];
const listed = new TrustedProxies(ITEMS);
const LISTED: ProxyPolicy = { trustsPeer: false, proxies: listed };
const LISTED_AND_BEHIND: ProxyPolicy = { trustsPeer: true, proxies: listed };
const publicProxy = fc.oneof(
  fc.nat(127).map((last) => `192.0.2.${last}`),
  fc.nat(0xffff).map((last) => `2001:db8:1::${last.toString(16)}`),
  fc.nat(255).map((last) => `173.245.48.${last}`),
  fc.nat(255).map((last) => `::ffff:151.101.0.${last}`),
);
const innerProxy = fc.oneof(
  fc.nat(255).map((last) => `10.0.0.${last}`),
  fc.nat(255).map((last) => `fd00::${last.toString(16)}`),
);
const client = fc
  .oneof(fc.ipV4(), fc.ipV6())
  .map((text) => parseAddressField(text) ?? CLIENT)
  .filter((address) => !listed.has(address) && !isPrivate(address) && address !== VICTIM);

/** The forms in which proxies write an address into X-Forwarded-For. */
const written = fc.constantFrom<(address: string) => string>(
  (address) => address,
  (address) => (address.includes(':') ? `[${address}]` : address),
  (address) => (address.includes(':') ? `[${address}]:443` : `${address}:5123`),
);
/**
 * The forms in which proxies write an element of Forwarded, with parameters that hold the characters between elements.
 */
const element = fc.constantFrom<(address: string) => string>(
  (address) => (address.includes(':') ? `for="[${address}]"` : `for=${address}`),
  (address) =>
    address.includes(':') ? `for="[${address}]:443";proto=https` : `proto=http;For="${address}:80"`,
  (address) => `host="a,b\\",for=${VICTIM}";for="${address.includes(':') ? `[${address}]` : address}"`,
  (address) => `for="${address.includes(':') ? `[${address}]` : address}"; by="x,\\\\"`,
);

/** True for a public address that is not a listed proxy. */
function isPublic(text: string): boolean {
  const address = parseAddressField(text);
  return address !== undefined && !isPrivate(address) && !listed.has(address);
}

/** The header that reaches the server: the client's text, then the text that each proxy in turn appends. */
function headerOf(left: string, appended: readonly string[]): string {
  return [...(left === '' ? [] : [left]), ...appended].join(', ');
}

for (const [kind, form] of [
  ['x-forwarded-for', written],
  ['forwarded', element],
] as const) {
  test(`${kind}: finds the client that trusted proxies name, whatever the client writes`, () => {
    fc.assert(
      fc.property(
        client,
        clientText,
        fc.array(fc.oneof(publicProxy, innerProxy), { maxLength: 4 }),
        publicProxy,
        fc.infiniteStream(form),
        (address, left, chain, peer, forms) => {
          const appended = [address, ...chain].map((each) =>
            (forms.next().value as (text: string) => string)(each),
          );
          const header = headerOf(left, appended);
          const isTrusted =
            kind === 'x-forwarded-for' || [peer, ...chain].every((each) => cdnOf(each) === undefined);
          const expected = isTrusted ? address : undefined;
          for (const policy of [LISTED, LISTED_AND_BEHIND])
            assert.is(by(header, policy, peer, kind), expected, header);
          const isInner = chain.every(isPrivate);
          const named = kind === 'x-forwarded-for' ? address : undefined;
          if (isInner) assert.is(by(header, BEHIND_PROXY, peer, kind), named, header);
        },
      ),
      { numRuns: someRuns(3000) },
    );
  });

  test(`${kind}: finds a client with a private address, or none`, () => {
    fc.assert(
      fc.property(
        innerProxy,
        clientText.map((text) => text.replaceAll(VICTIM, '10.7.7.7')),
        fc.array(publicProxy, { maxLength: 3 }),
        publicProxy,
        form,
        (address, left, chain, peer, write) => {
          // A private address counts as a proxy, so a public address in the client's text would be the client.
          fc.pre(!left.split(/[,;="]/).some(isPublic));
          const header = headerOf(left, [address, ...chain].map(write));
          const found = by(header, LISTED, peer, kind);
          assert.ok([undefined, parseAddressField(address)].includes(found), `${found} by ${header}`);
        },
      ),
      { numRuns: someRuns(3000) },
    );
  });

  test(`${kind}: takes a peer as the client when it is not a trusted proxy, whatever the header holds`, () => {
    fc.assert(
      fc.property(client, clientText, (peer, header) => {
        for (const policy of [ALONE, LISTED, LISTED_AND_BEHIND])
          assert.is(by(header, policy, peer, kind), peer);
      }),
      { numRuns: someRuns(3000) },
    );
  });
}

test('gives no client when a field for one address holds another text', () => {
  fc.assert(
    fc.property(clientText, (header) => {
      for (const kind of ['proxy-protocol', 'cf-connecting-ip'] as const) {
        const found = by(header, LISTED, '173.245.48.9', kind);
        if (found !== undefined) assert.is(found, parseAddressField(header));
      }
    }),
    { numRuns: someRuns(3000) },
  );
});

/** The number of list elements that are read for a header: a measure of the work. */
function elementsRead(header: string, kind: HeaderKind): number {
  let count = 0;
  const counting = { has: () => ++count > 0, cdnOf: () => undefined } as unknown as TrustedProxies;
  clientOf(PROXY, header, kind, { trustsPeer: false, proxies: counting });
  return count;
}

test('takes time in proportion to the length of a header', () => {
  for (const kind of ['x-forwarded-for', 'forwarded'] as const) {
    const item = kind === 'forwarded' ? 'for=10.0.0.1' : '10.0.0.1';
    const [once, tenfold] = [1000, 10_000].map((times) =>
      elementsRead(Array(times).fill(item).join(','), kind),
    );
    assert.is((tenfold ?? 0) - 1, ((once ?? 0) - 1) * 10);
  }
});

test('reads a megabyte of quotes, backslashes and commas to its end', () => {
  for (const piece of ['"', '\\', '\\"', ',', '",', ' ', 'for="', 'a=', ';', '10.0.0.1,'])
    for (const kind of KINDS)
      assert.is(by(piece.repeat((1 << 20) / piece.length), trusting(PROXY), PROXY, kind), undefined);
});

test.run();
