import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../active-response/home.ts';
import { RiposteError } from '../../base/errors.ts';
import { builtInSources } from '../../engine/ruleset/built-in.ts';
import { loadRuleset } from '../../engine/ruleset/ruleset.ts';
import { loadExceptions, ownRules } from '../../evaluate/own-files.ts';
import { formatNamed } from '../../logs/readers/formats.ts';
import { LogReader } from '../../logs/readers/log-format.ts';
import { Server } from '../../serve/server.ts';
import { morfeus } from '../lab/access-log.ts';
import { eventually } from '../lab/server.ts';
import { quietService } from './quiet-service.ts';

const test = suite('serve: an administrator’s exceptions and rules');
const policy = { trustsPeer: false, proxies: undefined };
let root = '';
let log = '';
let said: string[] = [];
let server: Server | undefined;

test.before.each(() => {
  root = mkdtempSync(join(tmpdir(), 'riposte-own-'));
  log = join(root, 'access.log');
  said = [];
  mkdirSync(join(root, 'var/riposte'), { recursive: true });
  mkdirSync(join(root, 'etc'));
  writeFileSync(log, '');
});
test.after.each(async () => {
  await server?.close();
  server = undefined;
  rmSync(root, { recursive: true });
});

const write = (name: string, text: string) => writeFileSync(join(root, 'etc', name), text);
const isPrinted = (text: string): Promise<void> =>
  eventually(`the server says '${text}'`, async () => said.some((each) => each.includes(text)));
const alerts = (count: number): Promise<void> =>
  eventually(`${count} alerts`, async () => server?.state.alerts === count);

async function serve(): Promise<void> {
  const home = homeAt(root);
  const format = { format: formatNamed('combined'), origin: 'setting', isFirm: true } as const;
  server = new Server(
    quietService(root, [log], {
      openLogs: (found) =>
        found.map(({ name }) => ({
          location: name,
          reader: new LogReader({ policy, now: Date.now() / 1000 }, format),
        })),
      say: (text) => said.push(text),
      loadRules: () => {
        const sources = builtInSources('ossec', false);
        return loadRuleset({ ...sources, rules: [...sources.rules, ...ownRules(home)] });
      },
      loadExceptions: (ruleset) => loadExceptions(home, ruleset),
    }),
  );
  await server.start();
}

test('reads changed exceptions while it runs, even when the file appears or is removed', async () => {
  await serve();
  appendFileSync(log, morfeus('203.0.113.7'));
  await alerts(1);
  write('riposte.except', 'agent:"Morfeus"\n');
  await isPrinted('exceptions read again: 1');
  appendFileSync(log, morfeus('203.0.113.8'));
  await eventually('the line is excepted', async () => server?.state.lines === 2);
  assert.is(server?.state.alerts, 1);
  rmSync(join(root, 'etc/riposte.except'));
  await isPrinted('exceptions read again: 0');
  appendFileSync(log, morfeus('203.0.113.9'));
  await alerts(2);
});

test('keeps the old exceptions when a new line is wrong, and reports the line', async () => {
  write('riposte.except', 'agent:Morfeus\n');
  await serve();
  write('riposte.except', 'agent:Morfeus\npath:x\n');
  await isPrinted(`exceptions stay as they were: ${root}/etc/riposte.except:2: path:x does not begin with /`);
  appendFileSync(log, morfeus('203.0.113.8'));
  await eventually('the line is read', async () => server?.state.lines === 1);
  assert.is(server?.state.alerts, 0);
});

test('refuses to start with a wrong line, an unknown rule, and an error in the rules', async () => {
  const WRONG = [
    ['riposte.except', '# x\npath:x\n', /riposte\.except:2: path:x does not begin/],
    ['riposte.except', 'rule:999999', /riposte\.except:1: there is no rule 999999/],
    [
      'riposte-rules.xml',
      '<group name="a,">\n<rule id="100400" level="x"></rule></group>',
      /riposte-rules\.xml:2/,
    ],
    ['riposte-rules.xml', '<group name="a,">\n', /riposte-rules\.xml:\d/],
  ] as const;
  for (const [name, text, message] of WRONG) {
    write(name, text);
    try {
      await serve();
      assert.unreachable(text);
    } catch (error) {
      assert.instance(error, RiposteError);
      assert.is((error as RiposteError).exitCode, 78);
      assert.match((error as Error).message, message);
    }
    rmSync(join(root, 'etc', name));
  }
});

test('keeps the old rules when the new rules have an error, and names the line of the error', async () => {
  const own = (level: string) => `<group name="local,">
<rule id="100400" level="${level}"><if_sid>31100</if_sid><url>/shop/</url><description>x</description></rule></group>`;
  write('riposte-rules.xml', own('12'));
  await serve();
  write('riposte-rules.xml', own('much'));
  server?.reload();
  assert.match(said.join('\n'), /rules stay as they were: .*riposte-rules\.xml:2: /);
  appendFileSync(log, morfeus('203.0.113.8').replace(/"(GET|POST) \S+/, '"GET /shop/a'));
  await alerts(1);
});

test.run();
