import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX } from '../../../base/errors.ts';
import { loadLogFormats } from '../../../logs/formats/own-formats.ts';
import { refuses, temporaryDirectory } from '../../active-response/support.ts';

const conf = join(temporaryDirectory(), 'riposte.conf');

function load(text: string): Record<string, [text: string, origin: string]> {
  writeFileSync(conf, text);
  const formats = loadLogFormats([conf]);
  return Object.fromEntries(
    [...formats].map(([name, { text, origin }]) => [name, [text, origin.slice(conf.length)]]),
  );
}

test('has no formats when there is no file, or no format in the file', () => {
  assert.is(loadLogFormats([`${conf}.none`]).size, 0);
  assert.equal(load('BLOCK_FOR=1d\n#LOG_FORMAT_x=apache:%h\n'), {});
});

test('accepts a format string in the form of the web server’s configuration', () => {
  const text = [
    'BLOCK_FOR=1d',
    'LOG_FORMAT_shop=apache:%h %l %u %t "%r" %>s %b # "%{Referer}i"',
    '  LOG_FORMAT_my-2 = nginx:$remote_addr [$time_local] "$request"  ',
    `LOG_FORMAT_quoted='apache:%h \\"%r\\"'`,
    'LOG_FORMAT_end=nginx:"$http_host" $remote_addr "$http_user_agent"\r',
  ].join('\n');
  assert.equal(load(text), {
    shop: ['apache:%h %l %u %t "%r" %>s %b # "%{Referer}i"', ':2: LOG_FORMAT_shop'],
    'my-2': ['nginx:$remote_addr [$time_local] "$request"', ':3: LOG_FORMAT_my-2'],
    quoted: ['apache:%h \\"%r\\"', ':4: LOG_FORMAT_quoted'],
    end: ['nginx:"$http_host" $remote_addr "$http_user_agent"', ':5: LOG_FORMAT_end'],
  });
});

test('uses the last line of a name that occurs twice, and only the first file that exists', () => {
  assert.equal(load('LOG_FORMAT_a=apache:%h\nLOG_FORMAT_a=nginx:$remote_addr\n'), {
    a: ['nginx:$remote_addr', ':2: LOG_FORMAT_a'],
  });
  writeFileSync(`${conf}.2`, 'LOG_FORMAT_b=apache:%h\n');
  assert.equal([...loadLogFormats([conf, `${conf}.2`]).keys()], ['a']);
  assert.equal([...loadLogFormats([`${conf}.none`, `${conf}.2`]).keys()], ['b']);
});

test('names file, line and key when a format is missing', () => {
  for (const value of ['', '%h %l %u', 'apache:', 'caddy:x', '"apache:%h'])
    refuses(
      () => load(`\nLOG_FORMAT_shop=${value}\n`),
      EX.CONFIG,
      new RegExp(`^${conf}:2: LOG_FORMAT_shop is '.*', but must be apache: or nginx: and `),
    );
});

test.run();
