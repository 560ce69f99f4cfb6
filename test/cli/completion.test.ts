import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RESPONSES } from '../../active-response/response/responses.ts';
import { dashed } from '../../cli/arguments.ts';
import { allVerbs } from '../../cli/verbs/verbs.ts';
import { missing } from '../lab/tools.ts';
import { riposte } from './io.ts';
import { scene } from './scene.ts';

const verbs = await allVerbs();
const RESPONSE_NAMES = RESPONSES.map(({ name }) => name).sort();

/** The words that bash offers as completions of the last word. */
async function offered(words: string[], env: Record<string, string> = {}, cwd = '.'): Promise<string[]> {
  const { out } = await riposte(['completion', 'bash']);
  const line = ['riposte', ...words].map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _riposte; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const bash = ['--norc', '--noprofile', '-u', '-c', `${out}\n${ask}`];
  const { stdout, stderr } = await execa('bash', bash, { env, cwd });
  assert.is(stderr, '');
  return stdout.split('\n').filter(Boolean).sort();
}

test('bash: offers verbs by their beginning', async () => {
  const all = await offered(['']);
  for (const name of [...Object.keys(verbs), 'help']) assert.ok(all.includes(name), name);
  assert.equal(await offered(['unbl']), ['unblock']);
  assert.equal(await offered(['help', 'unbl']), ['unblock']);
});

for (const [name, { options }] of Object.entries(verbs)) {
  test(`bash: offers every option of ${name}`, async () => {
    const all = await offered([name, '-']);
    for (const option of [...Object.keys(options).map(dashed), '--help'])
      assert.ok(all.includes(option), option);
  });
}

test('bash: offers the values of choices, and operands', async () => {
  assert.equal(await offered(['block', '203.0.113.7', '--response', '']), RESPONSE_NAMES);
  assert.equal(await offered(['fire', '']), RESPONSE_NAMES);
  assert.equal(await offered(['fire', '--protocol', 'w']), ['wazuh4', 'wazuh5']);
  assert.equal(await offered(['completion', '']), ['bash', 'zsh']);
  assert.equal(await offered(['block', '--for', '']), []);
});

test('bash: offers files and directories, whatever their names contain', async () => {
  const it = scene();
  it.write('a b/x.log', '');
  it.write('$(touch pwned)', '');
  const { root } = it.home;
  assert.equal(await offered(['replay', '--home', 'a'], {}, root), ['a b']);
  assert.equal(await offered(['replay', ''], {}, root), ['$(touch pwned)', 'a b']);
  assert.is(it.read('pwned'), '');
});

test('bash: offers blocked addresses for unblock, and runs no code in file names', async () => {
  const it = scene();
  it.ledger('203.0.113.7');
  it.ledger('203.0.113.0/24');
  it.ledger('198.51.100.1', 'route-null');
  it.write('var/riposte/blocks/route-null/$(touch pwned).json', '');
  const env = { RIPOSTE_HOME: it.home.root };
  assert.equal(await offered(['unblock', ''], env, it.home.root), [
    '198.51.100.1',
    '203.0.113.0/24',
    '203.0.113.7',
  ]);
  assert.equal(await offered(['unblock', '198'], env), ['198.51.100.1']);
  assert.is(it.read('pwned'), '');
  assert.equal(await offered(['unblock', ''], { RIPOSTE_HOME: '/nowhere' }), []);
});

test('zsh: names every verb and option, and quotes each text as one word', async () => {
  const { out } = await riposte(['completion', 'zsh']);
  assert.match(out, /^#compdef riposte\n/);
  for (const [name, { options }] of Object.entries(verbs)) {
    assert.match(out, `    '${name}:`);
    for (const option of Object.keys(options)) assert.match(out, `'*${dashed(option)}[`);
  }
  // Every shell quotes in the same way, so bash can check the quoting; zsh's own syntax is left out.
  const specs = out.split('\n').filter((line) => /^ {6}_arguments|^ {8}'\*/.test(line));
  const { stdout } = await execa('bash', [
    '-c',
    `printf '%s\\n' ${specs
      .join('\n')
      .replaceAll('\\\n', ' ')
      .replace(/_arguments -S|\n/g, ' ')}`,
  ]);
  assert.ok(
    stdout.split('\n').every((word) => /^(\*|--help|--debug)/.test(word)),
    stdout,
  );
});

if (missing('zsh').length > 0) console.log('skipped: zsh reads the completion script: needs zsh');
(missing('zsh').length > 0 ? test.skip : test)('zsh reads the completion script', async () => {
  const { out } = await riposte(['completion', 'zsh']);
  const { stderr } = await execa('zsh', ['-f', '-c', `autoload -U compinit; compinit -D\n${out}`]);
  assert.is(stderr, '');
});

test('refuses another shell, and a missing shell', async () => {
  for (const words of [[], ['fish'], ['bash', 'zsh'], ['toString']])
    assert.is((await riposte(['completion', ...words])).exitCode, 64);
});

test.run();
