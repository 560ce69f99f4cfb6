import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readAllowList } from '../../active-response/guard/allow-list.ts';
import { CROWDSEC_SETTINGS } from '../../active-response/settings/crowdsec-settings.ts';
import { loadSettings } from '../../active-response/settings/load.ts';
import { MAIL_SETTINGS } from '../../active-response/settings/mail-settings.ts';
import { SERVER_SETTINGS } from '../../active-response/settings/server-settings.ts';
import { SETTINGS } from '../../active-response/settings/settings.ts';
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
    Object.values({ ...SETTINGS, ...SERVER_SETTINGS, ...MAIL_SETTINGS, ...CROWDSEC_SETTINGS }).map(
      ({ key }) => key,
    ),
  );
});

test('writes a riposte.allow without entries', async () => {
  const file = join(directory, 'riposte.allow');
  await writeFile(file, initialAllowList);
  assert.equal(readAllowList(file), []);
});

test.run();
