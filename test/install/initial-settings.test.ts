import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readAllowList } from '../../active-response/guard/allow-list.ts';
import { loadSettings } from '../../active-response/settings/load.ts';
import { MAIL_SETTINGS } from '../../active-response/settings/mail-settings.ts';
import { SERVER_SETTINGS } from '../../active-response/settings/server-settings.ts';
import { SETTINGS } from '../../active-response/settings/settings.ts';
import type { Dialect } from '../../engine/dialect.ts';
import { initialAllowList, initialSettings } from '../../install/initial-settings.ts';

const directory = await mkdtemp(join(tmpdir(), 'riposte-settings-'));
test.after(() => rm(directory, { recursive: true }));

test('writes a riposte.conf that sets nothing, and lists every key with its default', async () => {
  const file = join(directory, 'riposte.conf');
  const defaults = loadSettings([], new Map());
  await writeFile(file, initialSettings());
  assert.equal(loadSettings([file], new Map()), defaults);
  const settings = initialSettings().replace(/^#(?=[A-Z])/gm, '');
  await writeFile(file, settings);
  assert.equal(loadSettings([file], new Map()), defaults);
  const keys = [...settings.matchAll(/^([A-Z\d_]+)=/gm)].map(([, key]) => key);
  assert.equal(
    keys,
    Object.values({ ...SETTINGS, ...SERVER_SETTINGS, ...MAIL_SETTINGS }).map(({ key }) => key),
  );
});

test('writes a readable riposte.allow for any white_list, and grants nothing by its text', async () => {
  const entries = [
    '192.0.2.1',
    '::1',
    '192.0.2.0/255.255.0.255',
    'any',
    '\u009b31m',
    '2001:db8::/32',
    '10.0.0.0/8',
  ];
  const conf = `<ossec_config><global>${entries.map((each) => `<white_list>${each}</white_list>`).join('\n')}
<white_list>
  198.51.100.7
198.51.100.8
</white_list></global></ossec_config><white_list>203.0.113.1</white_list>`;
  const text = initialAllowList(Buffer.from(conf).toString('latin1'), 'ossec.conf', 'ossec');
  const file = join(directory, 'riposte.allow');
  await writeFile(file, text);
  assert.equal(
    readAllowList(file).map((address) => address.text),
    ['192.0.2.1', '::1', '2001:db8::/32', '10.0.0.0/8'],
  );
  assert.match(text, '# not an address: \\u009b31m\n');
  assert.match(text, '# not an address: 198.51.100.7\\u000a198.51.100.8\n');
});

test('copies the addresses of OSSEC 4’s allow_list into riposte.allow, too', () => {
  const conf =
    '<ossec_config><global><allow_list>192.0.2.1</allow_list></global><global><white_list>192.0.2.2</white_list></global></ossec_config>';
  const lines = (dialect: Dialect) => initialAllowList(conf, 'ossec.conf', dialect).split('\n').slice(2, -1);
  assert.equal(lines('ossec'), ['192.0.2.1', '192.0.2.2']);
  assert.equal(lines('wazuh'), ['192.0.2.2'], 'Wazuh knows no such element');
});

test.run();
