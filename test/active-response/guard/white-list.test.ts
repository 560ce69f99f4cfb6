import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { whiteListed, whiteListOf } from '../../../active-response/guard/white-list.ts';

const conf = (...entries: string[]) =>
  `<ossec_config><global>\n${entries.map((each) => `<white_list>${each}</white_list>`).join('\n')}</global></ossec_config>`;

test('reads addresses, prefixes and masks', () => {
  const text = conf('192.0.2.1', '::1', ' 2001:db8::/32 ', '198.51.100.0/255.255.255.0', '10.0.0.0/8');
  assert.equal(
    whiteListed(text).map((address) => address.text),
    ['192.0.2.1', '::1', '2001:db8::/32', '198.51.100.0/24', '10.0.0.0/8'],
  );
});

test('takes no address from a mask with gaps, a word, two addresses, or outside of <global>', () => {
  const text = conf('192.0.2.0/255.255.0.255', 'any', '198.51.100.7\n198.51.100.8', '', '\u009b31m');
  assert.equal(whiteListed(`${text}<white_list>203.0.113.1</white_list><!--${conf('203.0.113.2')}-->`), []);
  assert.equal(whiteListed(undefined), []);
});

test('reads OSSEC 4’s allow_list, and every <global>', () => {
  const text = `<global><allow_list>192.0.2.1</allow_list></global>${conf('192.0.2.2')}`;
  assert.equal(
    whiteListed(text).map((address) => address.text),
    ['192.0.2.1', '192.0.2.2'],
  );
});

test('finds the names that a sweep resolves, but not this host’s own name', () => {
  const names = whiteListOf(
    conf('WWW.example.org', '^proxy.example.org$', '^localhost.localdomain$', '^10.'),
  ).map(({ name }) => name);
  assert.equal(names, ['www.example.org', 'proxy.example.org', undefined, undefined]);
});

test.run();
