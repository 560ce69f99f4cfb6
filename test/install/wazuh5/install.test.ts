import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EX, RiposteError } from '../../../base/errors.ts';
import { packOf } from '../../../build/wazuh5-pack/pack.ts';
import { type Indexer, indexerAt } from '../../../install/wazuh5/indexer.ts';
import { installPack, type Wazuh5Options } from '../../../install/wazuh5/install.ts';
import type { Pack } from '../../../install/wazuh5/pack.ts';
import { uninstallPack } from '../../../install/wazuh5/uninstall.ts';
import { someOf } from '../../runner/share.ts';
import type { Doc } from './stand-in-answer.ts';
import { type Interception, PASSWORD, StandInIndexer } from './stand-in-indexer.ts';

const WHOLE = packOf('1.2.3');
/** A pack with fewer rules and samples, because the tests make each request of an install fail in turn. */
const PACK: Pack = {
  ...WHOLE,
  rules: WHOLE.rules.slice(0, 3),
  decoders: WHOLE.decoders.slice(0, 2),
  logtest: WHOLE.logtest.slice(0, 2),
};
const OPTIONS: Wazuh5Options = { isDryRun: false, responds: true };

const test = suite<{ server: StandInIndexer; indexer: Indexer }>('wazuh5 install');
test.before.each(async (context) => {
  context.server = await new StandInIndexer().start();
  context.indexer = indexerOf(context.server);
});
test.after.each(({ server }) => server.stop());

const indexerOf = ({ url }: StandInIndexer): Indexer =>
  indexerAt({
    url,
    user: 'admin',
    password: PASSWORD,
    credentialsFile: '/etc/riposte.wazuh5',
    ca: undefined,
  });

async function install(indexer: Indexer, options: Partial<Wazuh5Options> = {}, pack = PACK) {
  const lines: string[] = [];
  const count = await installPack(indexer, pack, { ...OPTIONS, ...options }, (line) => lines.push(line));
  return { count, lines };
}

async function uninstall(indexer: Indexer, isDryRun = false) {
  const lines: string[] = [];
  const count = await uninstallPack(indexer, PACK, isDryRun, (line) => lines.push(line));
  return { count, lines };
}

/** Everything that the indexer has, without ids and dates, which differ between two installs. */
function state({ content, plugins }: StandInIndexer): unknown {
  const spaces = (['draft', 'test', 'custom'] as const).map((space) => ({
    policy: content.policies[space],
    resources: (['integrations', 'decoders', 'rules'] as const).map((kind) => content.documents(space, kind)),
  }));
  const parts = [plugins.detectors, plugins.channels, plugins.monitors].map((stored) => [...stored]);
  return JSON.parse(
    JSON.stringify({ spaces, parts }, (key, value) =>
      key === 'modified' || key === 'user' ? undefined : value,
    ),
  );
}

async function failure(work: Promise<unknown>): Promise<RiposteError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.instance(error, RiposteError);
  return error as RiposteError;
}

const titles = (documents: readonly Doc[]) =>
  documents.map(({ name, metadata }) => name ?? (metadata as Doc).title);

test('installs the whole pack in the order draft, test, logtest, custom', async ({ server, indexer }) => {
  const { lines } = await install(indexer, {}, WHOLE);
  for (const space of ['draft', 'test', 'custom'] as const) {
    assert.equal(titles(server.content.documents(space, 'rules')), titles(WHOLE.rules));
    assert.equal(
      titles(server.content.documents(space, 'decoders')),
      titles([WHOLE.rootDecoder, ...WHOLE.decoders]),
    );
    assert.is(server.content.policies[space].enabled, true);
  }
  const [root] = server.content.documents('custom', 'decoders');
  assert.is(server.content.policies.custom.root_decoder, root?.id);
  const order = server.received.map(({ path }) => path).filter((path) => /promote$|logtest$/.test(path));
  assert.equal(
    order.map((path) => path.replace(/.*\//, '')),
    ['promote', ...WHOLE.logtest.map(() => 'logtest'), 'promote'],
  );
  assert.equal(lines.slice(-6), [
    'promoted draft to test',
    `tested ${WHOLE.logtest.length} lines in the test space`,
    'promoted test to custom',
    "created the detector 'riposte'",
    "created the channel 'riposte: block'",
    "created the monitor 'riposte: block'",
  ]);
});

test('sends decoders as YAML, and everything else as JSON', async ({ server, indexer }) => {
  await install(indexer);
  for (const { path, body, type } of server.received) {
    if (body === '') continue;
    assert.is(type, path.endsWith('/decoders') ? 'application/yaml' : 'application/json', path);
  }
});

test('connects the monitor with the channel, and the detector with the rules', async ({
  server,
  indexer,
}) => {
  await install(indexer);
  const [[channel, config] = []] = [...server.plugins.channels];
  const [monitor] = [...server.plugins.monitors.values()];
  const [detector] = [...server.plugins.detectors.values()];
  assert.match(JSON.stringify(monitor), `"destination_id":"${channel}"`);
  assert.equal(config?.active_response, {
    type: 'stateful',
    stateful_timeout: 600,
    executable: 'firewall-drop.js',
    extra_args: '',
    location: 'local',
  });
  const ids = server.content.documents('custom', 'rules').map(({ id }) => id);
  const { inputs } = detector as { inputs: { detector_input: { custom_rules: Doc[] } }[] };
  assert.equal(inputs[0]?.detector_input.custom_rules.map(({ id }) => id).sort(), ids.sort());
});

test('changes nothing when the pack is installed again', async ({ server, indexer }) => {
  await install(indexer, { timeout: 60, location: '7', executable: 'route-null.js' });
  const before = state(server);
  server.received.length = 0;
  const { count, lines } = await install(indexer);
  assert.is(count, 0);
  assert.equal(lines, []);
  assert.equal(server.changes(), []);
  assert.equal(state(server), before);
});

test('updates only resources that differ, and removes resources that the pack no longer has', async ({
  server,
  indexer,
}) => {
  await install(indexer);
  server.received.length = 0;
  const [first, second] = PACK.rules;
  const newer = {
    ...PACK,
    version: '1.3.0',
    integration: {
      ...PACK.integration,
      metadata: { ...PACK.integration.metadata, documentation: 'Riposte 1.3.0' },
    },
    rules: [{ ...first, level: 'critical' }, second, WHOLE.rules[5]] as unknown as Pack['rules'],
  };
  await install(indexer, {}, newer);
  assert.equal(titles(server.content.documents('custom', 'rules')).sort(), titles(newer.rules).sort());
  const changed = server.changes().map((change) => change.replace(/[\da-f]{8}-.*/, 'ID'));
  assert.equal(changed, [
    'PUT /_plugins/_content_manager/integrations/ID',
    'PUT /_plugins/_content_manager/rules/ID',
    'POST /_plugins/_content_manager/rules',
    'DELETE /_plugins/_content_manager/rules/ID',
    'POST /_plugins/_content_manager/promote',
    'POST /_plugins/_content_manager/promote',
    'PUT /_plugins/_security_analytics/detectors/ID',
  ]);
  const again = await install(indexer, {}, newer);
  assert.is(again.count, 0);
});

test('keeps a response switched off when a person switched it off, and keeps the values of an earlier install', async ({
  server,
  indexer,
}) => {
  await install(indexer, { timeout: 60, location: '7' });
  const [[id, config] = ['', {}]] = [...server.plugins.channels];
  server.plugins.channels.set(id, { ...config, is_enabled: false });
  await install(indexer, { location: 'all' });
  const after = server.plugins.channels.get(id);
  assert.is(after?.is_enabled, false);
  const { active_response: response } = after as { active_response: Doc };
  assert.equal([response.stateful_timeout, response.location], [60, 'all']);
});

test('creates no channel and no monitor when responses are not wanted', async ({ server, indexer }) => {
  await install(indexer, { responds: false });
  assert.equal(
    [server.plugins.detectors.size, server.plugins.channels.size, server.plugins.monitors.size],
    [1, 0, 0],
  );
});

test('keeps another author’s root decoder, and puts Riposte’s decoders below it', async ({
  server,
  indexer,
}) => {
  addOther(server, true);
  await install(indexer);
  assert.is(
    server.content.policies.custom.root_decoder,
    server.content.documents('custom', 'decoders')[0]?.id,
  );
  assert.not.ok(titles(server.content.documents('draft', 'decoders')).includes(PACK.rootDecoder.name));
});

test('only shows the changes in a dry run', async ({ server, indexer }) => {
  const before = state(server);
  const { lines } = await install(indexer, { isDryRun: true });
  assert.equal(lines.slice(0, 2), [
    'would create the integration riposte',
    'would create the decoder decoder/riposte-root/0',
  ]);
  assert.equal(lines.slice(-3), [
    'would create the detector',
    'would create the channel',
    'would create the monitor',
  ]);
  assert.equal([server.changes(), state(server)], [[], before]);
});

test('removes all of Riposte’s resources, and no resource of another author', async ({ server, indexer }) => {
  addOther(server, true);
  const before = state(server);
  await install(indexer);
  await uninstall(indexer);
  assert.equal(state(server), before);
  const again = await uninstall(indexer);
  assert.is(again.count, 0);
});

test('leaves a new indexer unchanged when it had no other content', async ({ server, indexer }) => {
  const before = state(server);
  await install(indexer);
  server.received.length = 0;
  await uninstall(indexer, true);
  assert.equal(server.changes(), []);
  await uninstall(indexer);
  assert.equal(state(server), before);
});

test('removes the rest in a second run when any step of the first run fails', async () => {
  const whole = await new StandInIndexer().start();
  await install(indexerOf(whole));
  whole.received.length = 0;
  await uninstall(indexerOf(whole));
  whole.stop();
  const steps = Array.from({ length: whole.changes().length }, (_, index) => index + 1);
  for (const nth of someOf(steps, 3)) {
    const server = await new StandInIndexer().start();
    const before = state(server);
    await install(indexerOf(server));
    server.received.length = 0;
    server.intercept = nthChange(server, nth, nth % 2 === 0 ? 'close' : 'close after');
    const { exitCode, message } = await failure(uninstall(indexerOf(server)));
    assert.is(exitCode, EX.TEMPFAIL);
    assert.match(message, /; run this again to remove the rest$/);
    await uninstall(indexerOf(server));
    assert.equal(state(server), before, `change ${nth}`);
    server.stop();
  }
});

for (const [what, prepare, message] of [
  [
    'another author’s integration of the same name',
    otherIntegration,
    /has an integration riposte of Somebody: rename or remove it; nothing was changed/,
  ],
  [
    'another author’s channel of the same name',
    otherChannel,
    /has another channel 'riposte: block', which Riposte did not make/,
  ],
  [
    'another author’s changes that are not promoted',
    pendingOfOthers,
    /the draft space of \S+ has 1 unpromoted changes by other people \(decoders\): promote or discard them/,
  ],
] as const)
  test(`refuses an indexer that has ${what}, and changes nothing`, async ({ server, indexer }) => {
    prepare(server);
    const before = state(server);
    const { message: said } = await failure(install(indexer));
    assert.match(said, message);
    assert.equal([server.changes(), state(server)], [[], before]);
  });

test('refuses to replace a newer pack', async ({ server, indexer }) => {
  const newer = {
    ...PACK,
    version: '1.10.0',
    integration: {
      ...PACK.integration,
      metadata: { ...PACK.integration.metadata, documentation: 'Riposte 1.10.0' },
    },
  };
  await install(indexer, {}, newer);
  server.received.length = 0;
  const { exitCode, message } = await failure(install(indexer));
  assert.is(exitCode, EX.CANTCREAT);
  assert.match(
    message,
    /has the pack of Riposte 1\.10\.0, and this is Riposte 1\.2\.3: use the newer program/,
  );
  assert.equal(server.changes(), []);
});

test('refuses to remove a resource that another author’s content needs, and changes nothing', async ({
  server,
  indexer,
}) => {
  await install(indexer);
  const other = addOther(server, false);
  server.received.length = 0;
  assert.match(
    (await failure(uninstall(indexer))).message,
    /the decoders of 1 other integrations of \S+ are below Riposte's root decoder/,
  );
  server.content.policies.draft.integrations = (
    server.content.policies.draft.integrations as string[]
  ).filter((id) => id !== other);
  const [integration] = server.content.documents('draft', 'integrations');
  const rule = server.content.add('draft', 'rules', {
    metadata: { title: 'A rule of mine', author: 'Somebody' },
  });
  const { rules } = integration as { rules: string[] };
  rules.push(rule);
  assert.match(
    (await failure(uninstall(indexer))).message,
    /the integration riposte of \S+ has content by other authors \(A rule of mine\): move that content first/,
  );
  assert.equal(server.changes(), []);
});

test('removes everything again when a line fails its test in the test space', async ({ server, indexer }) => {
  const before = state(server);
  const wrong = { ...PACK, logtest: [{ ...WHOLE.logtest[0], rules: ['Riposte: another rule'] }] } as Pack;
  const { exitCode, message } = await failure(install(indexer, {}, wrong));
  assert.is(exitCode, EX.UNAVAILABLE);
  assert.match(
    message,
    /the test of the line '.*' of \S+ matches Riposte: an attack found by riposte serve instead of Riposte: another rule; riposte wazuh5 install reverted all changes$/,
  );
  assert.equal(state(server), before);
});

test('gives the reason when the indexer accepts no more active responses, and removes everything again', async ({
  server,
  indexer,
}) => {
  server.plugins.mostChannels = 0;
  const before = state(server);
  const { message } = await failure(install(indexer));
  assert.match(
    message,
    /refuses POST \S+ \(400\): This request would exceed the maximum allowed active responses \[0\]\.; riposte wazuh5 install reverted all changes/,
  );
  assert.equal(state(server), before);
});

/** The number of requests of an install that change something. */
async function countOfChanges(): Promise<number> {
  const server = await new StandInIndexer().start();
  await install(indexerOf(server));
  server.stop();
  return server.changes().length;
}

// In the quick share, each kind of failure affects different changes.
for (const [what, from, instead] of [
  ['is refused', 0, { status: 500, body: { message: 'Engine unavailable', status: 500 } }],
  ['loses its connection before the indexer makes it', 1, 'close'],
  ['loses its connection after the indexer made it', 2, 'close after'],
] as const)
  test(`removes everything again when any one change ${what}`, async () => {
    const count = await countOfChanges();
    assert.ok(count > 10);
    const steps = Array.from({ length: count }, (_, index) => index + 1);
    for (const nth of someOf(steps, from)) {
      const server = await new StandInIndexer().start();
      const before = state(server);
      server.intercept = nthChange(server, nth, instead);
      const { message, exitCode } = await failure(install(indexerOf(server)));
      assert.match(message, /; riposte wazuh5 install reverted all changes$/, `change ${nth}: ${message}`);
      assert.ok([EX.UNAVAILABLE, EX.TEMPFAIL].some((code) => code === exitCode));
      assert.equal(state(server), before, `change ${nth}`);
      server.intercept = () => undefined;
      await install(indexerOf(server));
      server.stop();
    }
  });

test('restores the old content when an update fails', async ({ server, indexer }) => {
  await install(indexer);
  const before = state(server);
  const changed = PACK.rules.map((rule) => ({ ...rule, level: 'low' })) as unknown as Pack['rules'];
  server.received.length = 0;
  server.intercept = nthChange(server, 4, {
    status: 500,
    body: { message: 'Engine unavailable', status: 500 },
  });
  const { message } = await failure(install(indexer, {}, { ...PACK, rules: changed }));
  assert.match(message, /riposte wazuh5 install reverted all changes$/);
  assert.equal(state(server), before);
});

test('names the command that later removes the rest when the indexer no longer answers', async ({
  server,
  indexer,
}) => {
  const before = state(server);
  let isAway = false;
  server.intercept = ({ method, path }) => {
    isAway ||= method === 'POST' && path.endsWith('/rules');
    return isAway ? 'close' : undefined;
  };
  const { exitCode, message } = await failure(install(indexer));
  assert.is(exitCode, EX.TEMPFAIL);
  assert.match(
    message,
    /; riposte wazuh5 install could not revert its changes \(.*\): run riposte wazuh5 uninstall, which removes everything that Riposte has made$/,
  );
  server.intercept = () => undefined;
  await uninstall(indexer);
  assert.equal(state(server), before);
});

/** Replaces the answer to the nth request that changes something, once. */
function nthChange(server: StandInIndexer, nth: number, instead: ReturnType<Interception>): Interception {
  let isDone = false;
  return () => {
    if (isDone || server.changes().length < nth) return undefined;
    isDone = true;
    return instead;
  };
}

/** Adds another author's content to all spaces. @returns the id of the integration */
function addOther({ content }: StandInIndexer, hasRoot: boolean): string {
  const decoder = content.add('draft', 'decoders', {
    name: 'decoder/other/0',
    metadata: { title: 'other', author: 'Somebody' },
  });
  const integration = content.add('draft', 'integrations', {
    metadata: { title: 'other', author: 'Somebody' },
    decoders: [decoder],
    rules: [],
    kvdbs: [],
  });
  const { policies } = content;
  (policies.draft.integrations as string[]).push(integration);
  if (hasRoot) policies.draft.root_decoder = decoder;
  for (const space of ['test', 'custom'] as const) {
    content.copyFromDraft(space);
    policies[space] = structuredClone(policies.draft);
  }
  return integration;
}

function otherIntegration({ content }: StandInIndexer): void {
  content.add('draft', 'integrations', {
    metadata: { title: 'riposte', author: 'Somebody' },
    rules: [],
    decoders: [],
    kvdbs: [],
  });
}

function otherChannel({ plugins }: StandInIndexer): void {
  plugins.channels.set('c1', {
    name: 'riposte: block',
    description: 'Mine.',
    config_type: 'active_response',
  });
}

function pendingOfOthers({ content }: StandInIndexer): void {
  content.add('draft', 'decoders', {
    name: 'decoder/mine/0',
    metadata: { title: 'mine', author: 'Somebody' },
  });
}

test.run();
