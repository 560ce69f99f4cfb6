import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { type Ended, runWithArguments, runWithMessage } from '../lab/execd.ts';
import { allOnOneInstallation } from '../lab/fixtures.ts';
import type { Host } from '../lab/host.ts';
import type { Installation } from '../lab/installation.ts';
import { ossec, wazuh4, wazuh5 } from '../lab/managers.ts';
import { INTERPRETERS, labSuite } from '../lab/suite.ts';
import { SHARE, someOf, someRuns } from '../runner/share.ts';

const RUNS = SHARE === 'quick' ? 30 : someRuns(300);
const LOG = 'logs/active-responses.log';

/** Texts that are not addresses, and addresses that no host has. */
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

/** Lines that are not messages. */
const MESSAGES: Record<string, string | Buffer> = {
  nothing: '',
  'an empty line': '\n',
  'truncated JSON': wazuh4('add', '203.0.113.7').slice(0, 300),
  'a list': '[]\n',
  'a text': '"add"\n',
  null: 'null\n',
  'an object that is not a message': '{}\n',
  'parameters of the wrong type': '{"version":1,"command":"add","parameters":[]}\n',
  'an alert of the wrong type': '{"version":1,"command":"add","parameters":{"alert":"203.0.113.7"}}\n',
  'an empty alert, as the API sends it':
    '{"version":1,"origin":{"name":null},"command":"add","parameters":{"extra_args":[],"alert":{}}}\n',
  'data of the wrong type': `${alert({ ...GOOD, data: 5 })}\n`,
  'an address of the wrong type': `${alert({ ...GOOD, data: { srcip: ['203.0.113.7'] } })}\n`,
  'extra_args of the wrong type':
    '{"command":"add","parameters":{"extra_args":{},"alert":{"data":{"srcip":"203.0.113.7"}}}}\n',
  'an unknown command': '{"command":"ADD","parameters":{"alert":{"data":{"srcip":"203.0.113.7"}}}}\n',
  'a command of the wrong type': '{"command":1,"parameters":{"alert":{"data":{"srcip":"203.0.113.7"}}}}\n',
  'an unknown extra argument': `${JSON.stringify({ command: 'add', parameters: { extra_args: ['--nope', '1'], alert: GOOD } })}\n`,
  'a line of 70 KB': `${alert({ ...GOOD, full_log: 'x'.repeat(70_000) })}\n`,
  'binary bytes': Buffer.from([0x00, 0xff, 0xfe, 0x80, 0x0a]),
  'a prefix': wazuh4('add', '203.0.113.0/24'),
  'a prefix in Wazuh 5': wazuh5('enable', '203.0.113.0/24', 600),
  'a prefix in the address of a Windows event': `${alert({ ...GOOD, data: { win: { eventdata: { ipAddress: '203.0.113.0/24' } } } })}\n`,
  'Wazuh 5 without an address': '{"wazuh":{"active_response":{}},"command":"enable"}\n',
  'Wazuh 5 of the wrong type': '{"wazuh":"x","source":{"ip":"203.0.113.7"},"command":"enable"}\n',
};

/** Lists of arguments that are not requests. */
const ARGUMENTS: Record<string, string[]> = {
  'a rule with a control character': ['add', '-', '203.0.113.7', '1.2', '31151\u001b[2J', '/x'],
  'fields that agent_control splits at spaces': ['add', '-', '203.0.113.46', 'extra', '$(id)', ';x'],
  'no address': ['add', '-'],
  'no argument after the command': ['add'],
  'an unknown command': ['block', '-', '203.0.113.7'],
  'an unknown option': ['add', '-', '203.0.113.7', '--nope', '1'],
  'an option without its value': ['add', '-', '203.0.113.7', '--ports'],
  'an option with a wrong value': ['add', '-', '203.0.113.7', '--ports', '80;id'],
};

for (const [name, node] of INTERPRETERS) {
  for (const [index, response] of ['firewall-drop', 'route-null', 'apache-deny'].entries()) {
    const test = labSuite(`${response} and bad input on ${name}`, 'nft');
    let host: Host;
    let at: Installation;

    /** The number of lines in the log after the last refusal. */
    let told = 0;

    allOnOneInstallation(test, (...made) => ([host, at] = made), node);

    /**
     * All responses use the same reader of requests: in `npm test`, one response gets all inputs, and the other
     * responses get some of the inputs.
     */
    const given = <T>(items: readonly T[]) =>
      index === 0 ? items.filter(() => SHARE !== 'rest') : someOf(items, index);

    for (const address of given(ADDRESSES)) {
      test(`refuses the address ${JSON.stringify(address)} by argument and by message`, async () => {
        await isRefused(await runWithArguments(at, response, ossec('add', address)));
        await isRefused(
          await runWithMessage(at, response, wazuh4('add', JSON.stringify(address).slice(1, -1))),
        );
      });
    }
    for (const [what, message] of given(Object.entries(MESSAGES))) {
      test(`refuses ${what}`, async () => isRefused(await runWithMessage(at, response, message)));
    }
    for (const [what, args] of given(Object.entries(ARGUMENTS))) {
      test(`refuses ${what}`, async () => isRefused(await runWithArguments(at, response, args)));
    }

    if (response === 'firewall-drop') {
      test(`ends each of ${RUNS} generated messages and argument lists with a sysexits code and one line in the log`, async () => {
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
            const written = (await at.log()).length - before;
            const has = (...words: string[]) =>
              Array.isArray(input) && words.some((word) => input.includes(word));
            if (has('--help', '--version', '--list')) assert.is(written, 0);
            // A dry run writes nothing. But `--dry-run` may also be the value of the option before it.
            else if (has('--dry-run')) assert.ok(written === 0 || (written === 1 && stdout === ''));
            else assert.is(written, 1);
          }),
          { numRuns: RUNS },
        );
      });
    }
    test.run();

    async function isRefused({ status, stderr, stdout }: Ended): Promise<void> {
      assert.ok(status === 64 || status === 65, `exit status ${status}`);
      assert.is(stdout, '');
      assert.match(stderr, /^[^\n]+$/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the test looks for them
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
