import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { type Ended, runWithArguments, runWithMessage } from '../lab/execd.ts';
import { allOnOneInstallation } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec, wazuh4 } from '../lab/managers.ts';
import { INTERPRETERS, labSuite } from '../lab/suite.ts';

const LOG = 'logs/active-responses.log';

/** Addresses that are none, or that nobody means. */
const ADDRESSES = [
  '',
  'host.example',
  '203.0.113.46 extra $(id) ;x',
  '-rf',
  '--help',
  '0.0.0.0',
  '0.0.0.0/0',
  '::',
  '::/0',
  '202.0.0.0/7',
  '2001::/31',
  '203.0.113.7/33',
  '203.0.113.7/',
  '203.0.113',
  '203.0.113.7%eth0',
  '203.0.113.7\n203.0.113.8',
  '２０３.0.113.7',
];

const alert = (fields: object) =>
  JSON.stringify({ version: 1, command: 'add', parameters: { extra_args: [], alert: fields } });
const GOOD = { rule: { id: '1', level: 7 }, id: '1.2', location: '/x', data: { srcip: '203.0.113.7' } };

/** Lines that are no message. */
const MESSAGES: Record<string, string | Buffer> = {
  nothing: '',
  'an empty line': '\n',
  'truncated JSON': wazuh4('add', '203.0.113.7').slice(0, 300),
  'a list': '[]\n',
  'a text': '"add"\n',
  null: 'null\n',
  'an object that is no message': '{}\n',
  'parameters of the wrong type': '{"version":1,"command":"add","parameters":[]}\n',
  'an alert of the wrong type': '{"version":1,"command":"add","parameters":{"alert":"203.0.113.7"}}\n',
  'an empty alert, as the API sends it':
    '{"version":1,"origin":{"name":null},"command":"add","parameters":{"extra_args":[],"alert":{}}}\n',
  'data of the wrong type': `${alert({ ...GOOD, data: 5 })}\n`,
  'an address of the wrong type': `${alert({ ...GOOD, data: { srcip: ['203.0.113.7'] } })}\n`,
  'a rule of the wrong type': `${alert({ ...GOOD, rule: '31151' })}\n`,
  'a rule id of the wrong type': `${alert({ ...GOOD, rule: { id: {} } })}\n`,
  'a rule level of the wrong type': `${alert({ ...GOOD, rule: { id: '1', level: -1 } })}\n`,
  'extra_args of the wrong type':
    '{"command":"add","parameters":{"extra_args":{},"alert":{"data":{"srcip":"203.0.113.7"}}}}\n',
  'an unknown command': '{"command":"ADD","parameters":{"alert":{"data":{"srcip":"203.0.113.7"}}}}\n',
  'a command of the wrong type': '{"command":1,"parameters":{"alert":{"data":{"srcip":"203.0.113.7"}}}}\n',
  'an unknown extra argument': `${JSON.stringify({ command: 'add', parameters: { extra_args: ['--nope', '1'], alert: GOOD } })}\n`,
  'a line of 70 KB': `${alert({ ...GOOD, full_log: 'x'.repeat(70_000) })}\n`,
  'binary bytes': Buffer.from([0x00, 0xff, 0xfe, 0x80, 0x0a]),
  'control characters in the user': `${alert({ ...GOOD, data: { srcip: '203.0.113.7', dstuser: 'bob\u0007' } })}\n`,
  'a newline in the rule id': `${alert({ ...GOOD, rule: { id: '1\n2' } })}\n`,
  'a newline in the location': `${alert({ ...GOOD, location: '/x\nFri Nov 20' })}\n`,
  'Wazuh 5 without an address': '{"wazuh":{"active_response":{}},"command":"enable"}\n',
  'Wazuh 5 of the wrong type': '{"wazuh":"x","source":{"ip":"203.0.113.7"},"command":"enable"}\n',
};

/** Lists of arguments that are no request. */
const ARGUMENTS: Record<string, string[]> = {
  'a user with a newline': ['add', 'bob\nFri', '203.0.113.7', '1.2', '31151', '/x'],
  'a rule with a control character': ['add', '-', '203.0.113.7', '1.2', '31151\u001b[2J', '/x'],
  'a location with a newline': ['add', '-', '203.0.113.7', '1.2', '31151', '/x\nadd'],
  'what agent_control splits at spaces': ['add', '-', '203.0.113.46', 'extra', '$(id)', ';x'],
  'no address': ['add', '-'],
  'no argument behind the command': ['add'],
  'an unknown command': ['block', '-', '203.0.113.7'],
  'an unknown option': ['add', '-', '203.0.113.7', '--nope', '1'],
  'an option without its value': ['add', '-', '203.0.113.7', '--ports'],
  'an option with a wrong value': ['add', '-', '203.0.113.7', '--ports', '80;id'],
};

for (const [name, node] of INTERPRETERS) {
  for (const response of ['firewall-drop', 'route-null', 'apache-deny']) {
    const test = labSuite(`${response} and bad input on ${name}`, 'nft');
    let host: Host;
    let at: Installation;

    /** How many lines the log had after the last refusal. */
    let told = 0;

    allOnOneInstallation(test, (...made) => ([host, at] = made), node);

    for (const address of ADDRESSES) {
      test(`the address ${JSON.stringify(address)} is refused, by argument and by message`, async () => {
        await isRefused(await runWithArguments(at, response, ossec('add', address)));
        await isRefused(
          await runWithMessage(at, response, wazuh4('add', JSON.stringify(address).slice(1, -1))),
        );
      });
    }
    for (const [what, message] of Object.entries(MESSAGES)) {
      test(`${what} is refused`, async () => isRefused(await runWithMessage(at, response, message)));
    }
    for (const [what, args] of Object.entries(ARGUMENTS)) {
      test(`${what} is refused`, async () => isRefused(await runWithArguments(at, response, args)));
    }

    if (response === 'firewall-drop') {
      test('300 generated messages and argument lists each end with a sysexits code and one line in the log', async () => {
        await fc.assert(
          fc.asyncProperty(anything, async (input) => {
            const before = (await at.log()).length;
            const { status, stdout, stderr } = await (Array.isArray(input)
              ? runWithArguments(at, response, input)
              : runWithMessage(at, response, input));
            assert.ok(
              [0, 64, 65].includes(status ?? -1),
              `exit status ${status} for ${JSON.stringify(input)}: ${stderr}`,
            );
            assert.not.match(stderr, /\n\s+at |Error:/);
            const isQuestion = (word: string) => ['--help', '--version', '--list'].includes(word);
            // A person's dry run writes nothing.
            const writesNone =
              Array.isArray(input) && (input.some(isQuestion) || stdout.includes(': rehearsed: dry run: '));
            assert.is((await at.log()).length - before, writesNone ? 0 : 1);
          }),
          { numRuns: 300 },
        );
      });
    }
    test.run();

    async function isRefused({ status, stderr, stdout }: Ended): Promise<void> {
      assert.ok(status === 64 || status === 65, `exit status ${status}`);
      assert.is(stdout, '');
      assert.match(stderr, /^[^\n]+$/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that there is none is the point
      assert.not.match(stderr, /[\u0000-\u001f]/);
      assert.equal(await at.files(), [LOG]);
      const log = await at.log();
      assert.is(log.length, told + 1);
      told = log.length;
      assert.match(log.at(-1) ?? '', /refused/);
      assert.is((await host.run('nft list ruleset')) + (await host.run('ip route')), '');
    }
  }
}

const word = fc.oneof(
  fc.constantFrom(
    'add',
    'delete',
    '-',
    '',
    '--dry-run',
    '--ports',
    '80',
    '203.0.113.7',
    '::1',
    '31151',
    '1.2',
    '(no_rule_id)',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replaceAll('\0', '')),
);
const message = fc
  .record({
    version: fc.oneof(fc.constant(1), fc.jsonValue()),
    command: fc.oneof(fc.constantFrom('add', 'delete'), fc.jsonValue()),
    parameters: fc.oneof(
      fc.record({
        extra_args: fc.oneof(fc.constant([]), fc.jsonValue()),
        alert: fc.oneof(fc.constant({ data: { srcip: '127.0.0.1' } }), fc.jsonValue()),
      }),
      fc.jsonValue(),
    ),
  })
  .map((fields) => `${JSON.stringify(fields)}\n`);
const anything = fc.oneof(
  fc.array(word, { minLength: 1, maxLength: 7 }),
  message,
  fc.string({ unit: 'binary' }).map((text) => `${text}\n`),
);
