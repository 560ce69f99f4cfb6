import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { problemOfStreams, problemOfUnit } from '../../../logs/journal/unit-journal.ts';
import { formatNamed } from '../../../logs/readers/formats.ts';
import { StandInJournal } from '../stand-in-journal.ts';

const test = suite('unit journal');
let directory = '';
let journal: StandInJournal;

test.before.each(() => {
  directory = mkdtempSync(join(tmpdir(), 'riposte-unit-'));
  journal = new StandInJournal(directory);
});
test.after.each(() => rmSync(directory, { recursive: true }));

const problem = (format?: string) =>
  problemOfUnit('web.service', format === undefined ? undefined : formatNamed(format), 20, {
    PATH: `${directory}:/usr/bin:/bin`,
  });

const loaded = (output: string, error: string): void =>
  journal.addSystemctl(`LoadState=loaded\nStandardOutput=${output}\nStandardError=${error}`);
const DOCKER = { CONTAINER_ID_FULL: 'c1', _COMM: 'dockerd' };

test('reports a unit that neither systemd nor the journal has', () => {
  journal.addSystemctl('LoadState=not-found\nStandardOutput=journal\nStandardError=inherit');
  journal.add('a', 'other.service');
  assert.match(problem()?.seen ?? '', /^journal:web\.service: systemd has no such unit/);
  assert.match(problem('journald:combined')?.fix ?? '', 'systemctl list-units');
});

test('does not report a unit as unknown when its lines are still in the journal, or when it has no lines yet', () => {
  loaded('journal', 'null');
  assert.is(problem(), undefined);
  journal.addSystemctl('LoadState=not-found\nStandardOutput=journal\nStandardError=null');
  journal.add('a');
  assert.is(problem(), undefined);
});

test('reports nothing when journalctl or systemctl is missing or fails', () => {
  const path = { PATH: directory };
  assert.is(problemOfUnit('web.service', undefined, 20, path), undefined);
  journal.addSystemctl('LoadState=not-found');
  rmSync(join(directory, 'journalctl'));
  assert.is(problemOfUnit('web.service', undefined, 20, path), undefined);
});

for (const [output, error, isForgeable] of [
  ['journal', 'inherit', true],
  ['journal', 'journal', true],
  ['null', 'journal+console', true],
  ['journal', 'kmsg', true],
  ['journal', 'file:/var/log/web-error.log', false],
  ['journal', 'null', false],
  ['null', 'inherit', false],
] as const) {
  test(`${isForgeable ? 'reports' : 'does not report'} that clients can write lines when StandardOutput=${output} and StandardError=${error}`, () => {
    loaded(output, error);
    journal.add('a');
    for (const format of [undefined, 'journald:combined']) {
      const found = problem(format);
      assert.is(found !== undefined, isForgeable, JSON.stringify(found));
      if (found) assert.match(found.fix, /StandardError=file:.* \(systemctl edit web\.service\)/);
    }
  });
}

test('reports nothing for an error log alone, and for a server whose lines no client can break', () => {
  loaded('journal', 'inherit');
  journal.add('a');
  for (const format of ['journald:nginx-error', 'journald:caddy']) assert.is(problem(format), undefined);
});

test('trusts the priorities in Docker’s lines, but not in Podman’s, because clients can write Podman’s', () => {
  loaded('journal', 'inherit');
  journal.add('a', 'web.service', DOCKER);
  journal.add('a message of the daemon');
  assert.is(problem(), undefined);
  journal.add('a', 'web.service', { ...DOCKER, _COMM: 'conmon' });
  assert.match(problem()?.fix ?? '', '--log-driver=k8s-file');
});

test('reports a log whose format hides the stream', () => {
  const found = problemOfStreams('/var/log/web.log', formatNamed('compose:combined'));
  assert.match(found?.seen ?? '', /^\/var\/log\/web\.log is read as compose:combined, which does not say/);
  for (const format of [undefined, formatNamed('docker:combined'), formatNamed('compose:caddy')])
    assert.is(problemOfStreams('/var/log/web.log', format), undefined);
});

test.run();
