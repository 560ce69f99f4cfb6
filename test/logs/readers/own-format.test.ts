import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX, RiposteError } from '../../../base/errors.ts';
import { formatFromText } from '../../../logs/readers/own-format.ts';
import { CLIENT, TIME } from './hostile.ts';

const LINE = `${CLIENT} - - [20/Nov/2026:09:00:00 +0000] "GET /.env HTTP/1.1" 404 196`;

function clientIn(definition: string): string | undefined {
  const format = formatFromText('shop', definition);
  assert.is(format.name, 'shop');
  assert.is(format.isToldBy?.(LINE), false);
  const reading = format
    .newReader({ policy: { trustsPeer: false, proxies: undefined }, now: TIME })
    .read(LINE);
  return reading.kind === 'access' ? reading.client : JSON.stringify(reading);
}

for (const definition of [
  'apache:%h %l %u %t "%r" %>s %b',
  'apache: %h %l %u %t \\"%r\\" %>s %b ',
  'apache:"%h %l %u %t \\"%r\\" %>s %b"',
  `apache:'%h %l %u %t "%r" %>s %b'`,
  'nginx:$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent',
  'apache:LogFormat "%h %l %u %t \\"%r\\" %>s %b" shop',
  'apache:"%h %l %u %t \\"%r\\" %>s %b" shop',
  `nginx:log_format shop '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent';`,
  `nginx:log_format shop escape=json '$remote_addr - - [$time_local] "$request" $status $body_bytes_sent';`,
  `nginx:'$remote_addr - $remote_user [$time_local] '  '"$request" $status $body_bytes_sent';`,
  `nginx:'$remote_addr - $remote_user '
          "[$time_local] \\"$request\\" "
          '$status $body_bytes_sent'`,
  `nginx:escape=default '\${remote_addr} - \${remote_user} [$time_local] "$request" $status $body_bytes_sent'`,
  `nginx:escape=json '$remote_addr - - [$time_local] "$request" $status $body_bytes_sent'`,
]) {
  test(`reads a line by ${definition}`, () => assert.is(clientIn(definition), CLIENT));
}

for (const [definition, ...parts] of [
  ['', "'' does not begin with apache: or nginx:"],
  ['%h %l %u %t "%r" %>s %b', 'does not begin with apache: or nginx:'],
  ['iis:c-ip', "'iis:c-ip' does not begin with apache: or nginx:"],
  ['apache:', 'lacks the client’s address', '%a'],
  ['nginx:[$time_local] "$request"', 'lacks the client’s address', '$remote_addr'],
  ['nginx:escape=html $remote_addr', 'nginx knows no escape=html', 'escape=default'],
  ['nginx:escape=none $remote_addr "$request"', 'escape=none', 'remove escape=none'],
] as const) {
  test(`refuses '${definition}' and names the correction`, () => {
    try {
      formatFromText('shop', definition);
    } catch (error) {
      assert.instance(error, RiposteError);
      if (!(error instanceof RiposteError)) return;
      assert.is(error.exitCode, EX.CONFIG);
      for (const part of ["log format 'shop'", ...parts])
        assert.match(error.message.replaceAll("'s ", '’s '), part);
      return;
    }
    assert.unreachable('it was not refused');
  });
}

test.run();
