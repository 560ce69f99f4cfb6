import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../active-response/home.ts';
import { logFormats } from '../../doctor/checks/log-formats.ts';
import { examine } from '../../doctor/examination.ts';
import { StandInJournal } from '../logs/stand-in-journal.ts';

const test = suite('doctor: journals of units');
let root = '';
let journal: StandInJournal;

test.before.each(() => {
  root = mkdtempSync(join(tmpdir(), 'riposte-doctor-'));
  for (const name of ['bin', 'etc']) mkdirSync(join(root, name));
  writeFileSync(join(root, 'etc/riposte.conf'), 'LOGS=journal:web\n');
  journal = new StandInJournal(join(root, 'bin'));
});
test.after.each(() => rmSync(root, { recursive: true }));

const findings = () => logFormats(examine(homeAt(root), { PATH: `${root}/bin` }));

test('finds a unit that does not exist', () => {
  journal.addSystemctl('LoadState=not-found');
  const [first, ...others] = findings();
  assert.equal(others, []);
  assert.is(first?.state, 'problem');
  assert.match(first?.seen ?? '', 'journal:web.service: systemd has no such unit');
});

test('finds a unit when clients can write lines into its journal', () => {
  journal.addSystemctl('LoadState=loaded\nStandardOutput=journal\nStandardError=inherit');
  journal.add('a');
  const [first] = findings();
  assert.is(first?.state, 'problem');
  assert.match(first?.fix ?? '', 'StandardError=file:');
});

test('finds nothing wrong with a unit whose standard error goes elsewhere', () => {
  journal.addSystemctl('LoadState=loaded\nStandardOutput=journal\nStandardError=null');
  assert.equal(
    findings().map(({ state }) => state),
    ['ok'],
  );
});

test.run();
