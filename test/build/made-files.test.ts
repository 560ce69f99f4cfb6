import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { madeFiles, withAnsweredRules } from '../../build/made-files.ts';

for (const [path, text] of madeFiles())
  test(`keeps ${path} equal to the tables in the code: npm run build renews it`, () => {
    assert.is(readFileSync(path, 'utf8'), text);
  });

test('names the rules of each command, and leaves the rest unchanged', () => {
  const response = (command: string, rules: string) =>
    `<active-response>\n<command>${command}</command>\n<location>local</location>\n<rules_id>${rules}</rules_id>\n</active-response>\n`;
  const made = withAnsweredRules(response('route-null', '1') + response('riposte-firewall-drop', '2'));
  assert.match(made, /<command>route-null<[\s\S]*?<rules_id>117073,117076,117078<\/rules_id>/);
  assert.match(made, /<command>riposte-firewall-drop<[\s\S]*?<rules_id>[\d,]*117040[\d,]*<\/rules_id>/);
  assert.not.match(made, '31151');
});

test('names all rules for the command that blocks behind a proxy', () => {
  const made = withAnsweredRules(
    '<active-response><command>apache-deny</command><rules_id>1</rules_id></active-response>',
  );
  assert.match(made, /117040[^<]*117073/);
});

test.run();
