import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describeFailure, sendRequest } from '../../base/http-request.ts';

test('reports ‘slow’ when a server receives a request but does not answer', async () => {
  let requests = 0;
  const server = createServer(() => requests++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const url = `http://127.0.0.1:${port}/`;
    const error = await sendRequest({ url, silence: 200, patience: 60_000 }).catch((each: unknown) => each);
    assert.equal(describeFailure(error, 60_000), { kind: 'slow', why: 'no answer within 0.2 s' });
    assert.is(requests, 1);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test.run();
