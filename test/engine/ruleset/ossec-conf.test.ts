import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../engine/engine.ts';
import { sourcesOfHome } from '../../../engine/ruleset/from-home.ts';
import { readOssecConf } from '../../../engine/ruleset/ossec-conf.ts';
import { loadRuleset } from '../../../engine/ruleset/ruleset.ts';
import { DECODERS, ROOTS } from '../fixture.ts';

const home = suite<{ dir: string }>('a home', { dir: '' });
home.before.each((context) => {
  context.dir = mkdtempSync(join(tmpdir(), 'riposte-home-'));
});
home.after.each(({ dir }) => rmSync(dir, { recursive: true }));

const rule = (id: number, match: string, more = '') =>
  `<group name="g,"><rule id="${id}" level="3"><match>${match}</match>${more}<description>d</description></rule></group>`;

function write(dir: string, files: Record<string, string | Buffer>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), content);
  }
}

home(
  'reads files in the order of ossec.conf, a directory’s files by name, and each file name only once',
  ({ dir }) => {
    write(dir, {
      'etc/ossec.conf': `<ossec_config><rules><include>roots.xml</include><include>b.xml</include>
      <rule_dir>more</rule_dir><list>lists/l</list></rules></ossec_config>
      <ossec_config><alerts><log_alert_level>4</log_alert_level></alerts></ossec_config>`,
      'etc/decoder.xml': DECODERS,
      'etc/local_decoder.xml': '<decoder name="local"><prematch>^local </prematch></decoder>',
      'rules/roots.xml': ROOTS,
      'rules/b.xml': rule(20, 'b'),
      'more/b.xml': rule(20, 'never read'),
      'more/c.xml': rule(30, 'c'),
      'more/a.xml': rule(40, 'a'),
      'more/notes.txt': 'not XML',
      'lists/l': 'k:v\n',
    });
    const sources = sourcesOfHome(dir, 'ossec');
    assert.equal(
      sources.rules.map(({ file }) => file.slice(dir.length + 1)),
      ['rules/roots.xml', 'rules/b.xml', 'more/a.xml', 'more/c.xml'],
    );
    assert.is(sources.decoders.length, 2);
    assert.equal([sources.logLevel, sources.mailLevel, sources.lists.get('lists/l')?.get('k')], [4, 7, 'v']);
    const event = new Engine(loadRuleset(sources), { counting: 'shared' }).judge('x c', 0);
    assert.equal([event.rule?.id, event.isAlert], [30, false]);
  },
);

home('names a missing file', ({ dir }) => {
  assert.throws(() => sourcesOfHome(dir, 'ossec'), /etc\/ossec.conf: .*no such file/i);
});

home('prefers a compiled list to its source', ({ dir }) => {
  const record = Buffer.alloc(8 + 4);
  record.writeUInt32LE(2, 0);
  record.writeUInt32LE(2, 4);
  record.write('kkvv', 8);
  const header = Buffer.alloc(2048);
  header.writeUInt32LE(2048 + record.length, 0);
  write(dir, {
    'etc/ossec.conf': '<ossec_config><rules><list>lists/l</list></rules></ossec_config>',
    'etc/decoder.xml': DECODERS,
    'lists/l': 'kk:old\n',
    'lists/l.cdb': Buffer.concat([header, record]),
  });
  assert.is(sourcesOfHome(dir, 'ossec').lists.get('lists/l')?.get('kk'), 'vv');
});

home('reports an unknown element among the rules with file and line', () => {
  assert.throws(
    () => readOssecConf('<ossec_config>\n<rules>\n<ruler>x</ruler></rules></ossec_config>', 'ossec.conf'),
    /ossec.conf:3: unknown element 'ruler'/,
  );
});

home.run();
