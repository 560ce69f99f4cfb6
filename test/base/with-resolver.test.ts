import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withResolver } from '../../base/with-resolver.ts';

test('returns the result of the work, and passes on its error', async () => {
  const limits = { query: 100, patience: 1000 };
  assert.is(await withResolver(limits, async () => 'found'), 'found');
  const fails = withResolver(limits, async () => Promise.reject(new Error('no such name')));
  assert.is(await fails.catch(({ message }) => message), 'no such name');
});

test('gives up when a name server stays silent', async () => {
  const silent = createSocket('udp4').bind(0, '127.0.0.1');
  await once(silent, 'listening');
  try {
    const servers = [`127.0.0.1:${silent.address().port}`];
    const asked = withResolver({ query: 10_000, patience: 50, servers }, (resolver) =>
      resolver.resolve4('a.example'),
    );
    assert.is(await asked.catch(({ code }) => code), 'ECANCELLED');
  } finally {
    silent.close();
  }
});

test.run();
