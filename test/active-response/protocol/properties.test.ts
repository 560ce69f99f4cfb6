import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseCommandLine, parseFlags } from '../../../active-response/protocol/command-line.ts';
import type { Json } from '../../../active-response/protocol/fields.ts';
import { parseMessage } from '../../../active-response/protocol/message.ts';
import { parseOssec } from '../../../active-response/protocol/ossec.ts';
import type { Request } from '../../../active-response/protocol/request.ts';
import { targetOf } from '../../../active-response/protocol/target.ts';
import { parseWazuh4 } from '../../../active-response/protocol/wazuh4.ts';
import { parseWazuh5 } from '../../../active-response/protocol/wazuh5.ts';
import { parseAddress, parseTarget } from '../../../base/address.ts';
import { EX, RiposteError } from '../../../base/errors.ts';
import { hasControls } from '../../../base/printable.ts';
import * as managers from '../../lab/managers.ts';
import { someRuns } from '../../runner/share.ts';
import { isPrintable } from '../support.ts';

const RUNS = { numRuns: someRuns(10_000) };
const CODES: readonly number[] = Object.values(EX).filter((code) => code !== EX.OK && code !== EX.SOFTWARE);

/**
 * Returns the parser's result; undefined when it refuses correctly: with a RiposteError of one short printable line.
 */
function read<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof RiposteError)) throw error;
    assert.ok(CODES.includes(error.exitCode), `exit code ${error.exitCode}`);
    assert.ok(isPrintable(error.message), JSON.stringify(error.message));
    assert.ok(error.message.length > 0 && error.message.length < 700, `${error.message.length} characters`);
    return undefined;
  }
}

/** Fails unless the rest of Riposte can rely on the request. */
function checkRequest(request: Request | undefined, sources: readonly string[]): void {
  if (request === undefined) return;
  assert.ok(sources.includes(request.source));
  assert.ok(request.command === 'add' || request.command === 'delete');
  assert.type(request.address, 'string');
  // OSSEC's address is unchanged; targetOf checks later whether it is an address.
  const texts = [request.user, request.alertId, request.ruleId, request.location, ...request.extraArguments];
  if (request.source !== 'ossec') texts.push(request.address);
  for (const text of texts.filter((each) => each !== undefined)) {
    assert.type(text, 'string');
    assert.not(hasControls(text), JSON.stringify(text));
  }
  for (const number of [request.ruleLevel, request.timeout].filter((each) => each !== undefined))
    assert.ok(Number.isSafeInteger(number) && number >= 0, `${number}`);
  const address = read(() => parseTarget(request.address));
  if (address !== undefined) assert.ok(/^[0-9a-f.:]+(\/\d+)?$/.test(address.text), address.text);
}

const INHERITED = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'length',
];

/** Texts on which other parsers have failed. */
const nastyText = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 10 }) },
  { weight: 1, arbitrary: fc.nat().map((size) => 'A'.repeat(size % 70_000)) },
  { weight: 2, arbitrary: fc.constantFrom(...INHERITED) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      '',
      ' ',
      '-',
      '--',
      '-rf',
      '--help',
      '--dry-run=x',
      '--constructor',
      'add',
      'delete',
      '$(id)',
      '`id`',
      ';x',
      '\n',
      '\u0000',
      '\u001b[2J',
      '\u202e',
      '\ufeff',
      '\ud800',
      'null',
      '(null)',
      '(from_the_server)',
      '(no_rule_id)',
      '1795166136.16',
      '31151',
      '1e999',
      '-0',
      'NaN',
      '0x7f.1',
    ),
  },
);

/** Addresses, and almost addresses. */
const nearAddress = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.ipV4().map((address) => `::ffff:${address}`),
  fc
    .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: -2, max: 200 }))
    .map(([address, length]) => `${address}/${length}`),
  fc.tuple(fc.oneof(fc.ipV4(), fc.ipV6()), nastyText).map(([address, tail]) => address + tail),
  fc
    .tuple(
      fc.oneof(fc.ipV4(), fc.ipV6()),
      fc.nat(),
      fc.constantFrom('%', '/', ':', '.', ' ', '\n', '0', 'g', '１'),
    )
    .map(([address, at, char]) => {
      const place = at % (address.length + 1);
      return address.slice(0, place) + char + address.slice(place);
    }),
  fc
    .array(fc.constantFrom(':', '::', '.', '/', '%', '0', '1', 'f', 'ffff', '255', '256', '00'), {
      maxLength: 20,
    })
    .map((parts) => parts.join('')),
  nastyText,
);

/** Any JSON value. Its keys may be names of properties that every object has. */
const anyJson: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'json' },
    nastyText,
    nearAddress,
    fc.double(),
    fc.integer(),
    fc.nat().map(String),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4, depthIdentifier: 'json' }),
    fc
      .array(fc.tuple(nastyText, tie('value')), { maxLength: 4, depthIdentifier: 'json' })
      // Unlike an assignment, this makes __proto__ an ordinary property, as JSON.parse does.
      .map((entries) => Object.fromEntries(entries)),
  ),
})).value;

/** Every place in a message, as the path of names and indices. */
function placesIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, each]) => placesIn(each, [...path, name]))];
}

function replaceAt(value: unknown, [name, ...rest]: readonly string[], by: unknown): unknown {
  if (name === undefined) return by;
  if (Array.isArray(value))
    return value.map((each, index) => (String(index) === name ? replaceAt(each, rest, by) : each));
  const entries = Object.entries(value as Json);
  return Object.fromEntries(
    entries.map(([key, each]) => [key, key === name ? replaceAt(each, rest, by) : each]),
  );
}

/** Messages as managers send them, with one or two parts replaced by any value, and sometimes with a field added. */
function nearValid(lines: readonly string[]): fc.Arbitrary<unknown> {
  const messages = lines.map((line) => JSON.parse(line));
  const change = fc.tuple(fc.nat(), anyJson);
  return fc
    .tuple(
      fc.constantFrom(...messages),
      fc.array(change, { minLength: 1, maxLength: 2 }),
      fc.option(fc.tuple(nastyText, anyJson)),
    )
    .map(([message, changes, added]) => {
      const changed = changes.reduce<unknown>((each, [at, by]) => {
        const places = placesIn(each);
        return replaceAt(each, places[at % places.length] ?? [], by);
      }, message);
      if (added === null || typeof changed !== 'object' || changed === null || Array.isArray(changed))
        return changed;
      return Object.fromEntries([...Object.entries(changed), added]);
    });
}

/** A message of Wazuh 4 with `parameters.alert.data.win.eventdata`: the alert of a Windows agent. */
const windows = managers
  .wazuh4('add', '203.0.113.9')
  .replace('"myfield":"ok"', '"win":{"eventdata":{"ipAddress":"203.0.113.7","destinationIp":"203.0.113.8"}}');
const WAZUH4 = [
  managers.wazuh4('add', '203.0.113.9', ['--ports', '80']),
  managers.wazuh4('delete', '2001:db8::9'),
  managers.wazuh4AgentControl('::ffff:203.0.113.9'),
  windows,
];
const WAZUH5 = [
  managers.wazuh5('enable', '203.0.113.9', 600, '--ports 80'),
  managers.wazuh5('disable', '2001:db8::9'),
];

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const argumentLists = fc.oneof(
  fc.array(fc.oneof(nastyText, nearAddress), { maxLength: 10 }),
  fc
    .tuple(
      fc.constantFrom('add', 'delete'),
      nastyText,
      nearAddress,
      fc.array(fc.oneof(nastyText, fc.constantFrom('--ports', '--backend=pf', '--dry-run', '1.1', '31151')), {
        maxLength: 6,
      }),
    )
    .map(([command, user, address, rest]) => [command, user, address, ...rest]),
  fc
    .tuple(
      fc.constantFrom(
        managers.ossec('add', '203.0.113.9'),
        managers.ossecAgent('delete', '203.0.113.9'),
        managers.agentControl('203.0.113.9'),
      ),
      fc.nat(),
      fc.oneof(nastyText, nearAddress),
    )
    .map(([words, at, by]) => words.map((word, index) => (index === at % words.length ? by : word))),
);

test('parseCommandLine reads or refuses 10,000 argument lists', () => {
  fc.assert(
    fc.property(argumentLists, (argv) => {
      const commandLine = read(() => parseCommandLine(argv));
      if (commandLine === undefined) return;
      assert.ok(['help', 'version', 'list', 'arguments', 'message'].includes(commandLine.mode));
      for (const [name, value] of commandLine.flags) {
        assert.match(name, /^[a-z][a-z\d-]*$/);
        assert.type(value, 'string');
      }
      if (commandLine.mode !== 'arguments') return;
      // The words are consecutive arguments: `add` or `delete`, and at least the next two arguments if they exist.
      const start = argv.findIndex((word) => word === 'add' || word === 'delete');
      assert.equal(commandLine.words.slice(0, 3), argv.slice(start, start + 3));
      assert.equal(commandLine.words, argv.slice(start, start + commandLine.words.length));
    }),
    RUNS,
  );
});

test('parseOssec reads or refuses 10,000 argument lists', () => {
  fc.assert(
    fc.property(argumentLists, (words) =>
      checkRequest(
        read(() => parseOssec(words)),
        ['ossec'],
      ),
    ),
    RUNS,
  );
});

test('parseOssec after parseCommandLine reads or refuses 10,000 argument lists', () => {
  fc.assert(
    fc.property(argumentLists, (argv) => {
      const commandLine = read(() => parseCommandLine(argv));
      if (commandLine?.mode === 'arguments')
        checkRequest(
          read(() => parseOssec(commandLine.words)),
          ['ossec'],
        );
    }),
    RUNS,
  );
});

test('parseFlags reads or refuses 10,000 lists of words', () => {
  const flag = fc
    .tuple(
      fc.constantFrom('--', '-', '---', '--no-'),
      fc.oneof(nastyText, fc.constantFrom('ports', 'backend', 'dry-run')),
      fc.constantFrom('', '=', '=x', '=\n'),
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.array(fc.oneof(flag, nastyText), { maxLength: 6 }), (words) => {
      const flags = read(() => parseFlags(words));
      if (flags === undefined) return;
      assert.ok(flags.size <= words.length);
      for (const [name, value] of flags) {
        assert.match(name, /^[a-z][a-z\d-]*$/);
        assert.ok(value === '' || words.some((word) => word.endsWith(value)));
      }
    }),
    RUNS,
  );
});

for (const parse of [parseAddress, parseTarget]) {
  test(`${parse.name} reads or refuses 10,000 texts`, () => {
    fc.assert(
      fc.property(nearAddress, (text) => {
        const address = read(() => parse(text));
        if (address === undefined) return;
        assert.match(address.text, address.family === 4 ? /^[\d.]+(\/\d+)?$/ : /^[0-9a-f:]+(\/\d+)?$/);
        assert.ok(address.prefix >= 0 && address.prefix <= (address.family === 4 ? 32 : 128));
        assert.ok(address.value >= 0n && address.value < 1n << (address.family === 4 ? 32n : 128n));
      }),
      RUNS,
    );
  });
}

test('parseWazuh4 reads or refuses 10,000 messages', () => {
  fc.assert(
    fc.property(nearValid(WAZUH4).filter(isObject), (message) =>
      checkRequest(
        read(() => parseWazuh4(message)),
        ['wazuh4'],
      ),
    ),
    RUNS,
  );
});

test('parseWazuh5 reads or refuses 10,000 messages', () => {
  fc.assert(
    fc.property(nearValid(WAZUH5).filter(isObject), (message) =>
      checkRequest(
        read(() => parseWazuh5(message)),
        ['wazuh5'],
      ),
    ),
    RUNS,
  );
});

/** The fields that decide the action: all other fields are only displayed. */
const DECIDING = ['command', 'parameters.extra_args', 'parameters.alert.data.srcip', 'source.ip'].concat(
  'wazuh.active_response.extra_arguments',
);
const isOnlyShown = (place: readonly (string | number)[]): boolean => {
  const path = `${place.join('.')}.`;
  const isWithin = (part: string, whole: string) => part.startsWith(whole);
  return (
    place.length > 0 && !DECIDING.some((each) => isWithin(`${each}.`, path) || isWithin(path, `${each}.`))
  );
};

test('blocks for 10,000 messages with anything in the fields that are only displayed', () => {
  const messages = [managers.wazuh4('add', '203.0.113.9'), managers.wazuh5('enable', '203.0.113.9', 600)];
  const change = fc.tuple(fc.nat(), anyJson);
  fc.assert(
    fc.property(
      fc.constantFrom(...messages),
      fc.array(change, { minLength: 1, maxLength: 5 }),
      (line, changes) => {
        const message = changes.reduce<unknown>((each, [at, by]) => {
          const places = placesIn(each).filter(isOnlyShown);
          return replaceAt(each, places[at % places.length] ?? [], by);
        }, JSON.parse(line));
        const request = parseMessage(JSON.stringify(message));
        checkRequest(request, ['wazuh4', 'wazuh5']);
        assert.equal([request.command, targetOf(request).text], ['add', '203.0.113.9']);
      },
    ),
    RUNS,
  );
});

test('parseMessage reads or refuses 10,000 messages with anything in a field', () => {
  fc.assert(
    fc.property(fc.oneof(nearValid([...WAZUH4, ...WAZUH5]), anyJson), (message) => {
      const line = JSON.stringify(message) ?? '';
      checkRequest(
        read(() => parseMessage(line)),
        ['wazuh4', 'wazuh5'],
      );
    }),
    RUNS,
  );
});

test('parseMessage reads or refuses 10,000 lines with removed and inserted bytes', () => {
  const lines = [...WAZUH4, ...WAZUH5];
  const bytes = fc.uint8Array({ maxLength: 5 });
  fc.assert(
    fc.property(fc.constantFrom(...lines), fc.nat(), fc.nat(3), bytes, (line, at, removed, inserted) => {
      const buffer = Buffer.from(line);
      const place = at % (buffer.length + 1);
      const spoiled = Buffer.concat([
        buffer.subarray(0, place),
        inserted,
        removed === 3 ? Buffer.alloc(0) : buffer.subarray(place + removed),
      ]);
      checkRequest(
        read(() => parseMessage(spoiled.toString('utf8'))),
        ['wazuh4', 'wazuh5'],
      );
    }),
    RUNS,
  );
});

test('generates both valid and refused input', () => {
  const counts = (values: unknown[], parse: (value: never) => unknown) => {
    const readable = values.filter((value) => read(() => parse(value as never)) !== undefined).length;
    return [readable, values.length - readable];
  };
  for (const [refusedAndRead, name] of [
    [counts(fc.sample(argumentLists, 1000), parseCommandLine), 'parseCommandLine'],
    [counts(fc.sample(argumentLists, 1000), parseOssec), 'parseOssec'],
    [counts(fc.sample(nearAddress, 1000), parseTarget), 'parseTarget'],
    [counts(fc.sample(nearValid(WAZUH4).filter(isObject), 1000), parseWazuh4), 'parseWazuh4'],
    [counts(fc.sample(nearValid(WAZUH5).filter(isObject), 1000), parseWazuh5), 'parseWazuh5'],
  ] as const)
    for (const count of refusedAndRead) assert.ok(count > 50, `${name}: ${refusedAndRead}`);
});

test('adds no property to Object.prototype', () => {
  for (const name of ['alert', 'data', 'srcip', 'parameters', 'wazuh', 'command'])
    assert.is(({} as Json)[name], undefined, name);
});

test.run();
