import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { predecode } from '../../../engine/event/predecode.ts';

const parts = (line: string) => {
  const { hostname, programName, log } = predecode(line, 0, 'stdin', 'here');
  return [hostname, programName, log];
};

for (const [what, line, expected] of [
  ['syslog with a pid', 'Nov 20 09:00:00 web sshd[12]: Failed', ['web', 'sshd', 'Failed']],
  ['syslog without a pid', 'Nov 20 09:00:00 web kernel: up', ['web', 'kernel', 'up']],
  ['syslog without a colon after the pid', 'Nov 20 09:00:00 web app[12] text', ['web', 'app', 'text']],
  ['syslog without a program', 'Nov 20 09:00:00 web just some text', ['web', undefined, 'just some text']],
  ['Solaris without a host', 'Nov 20 09:00:00 sshd: Failed', ['here', 'sshd', 'Failed']],
  ['Solaris with an id', 'Nov 20 09:00:00 web su: [ID 1 auth.info] ok', ['web', 'su', 'ok']],
  ['AIX', 'Nov 20 09:00:00 web auth|security:info sshd[1]: Failed', ['web', 'sshd', 'Failed']],
  ['an ISO date', '2026-11-20T09:00:00.123456+00:00 web sshd[12]: Failed', ['web', 'sshd', 'Failed']],
  ['a German month', 'M\xc3\xa4r 20 09:00:00 web sshd[12]: Failed', ['web', 'sshd', 'Failed']],
  ['Apache 2.2', '[Fri Nov 20 09:00:00 2026] [error] no', ['here', undefined, '[error] no']],
  [
    'Apache 2.4',
    '[Fri Nov 20 09:00:00.1 2026] [:error] no',
    ['here', undefined, '[Fri Nov 20 09:00:00.1 2026] [:error] no'],
  ],
  [
    'squid',
    '1795166986.123    200 203.0.113.7 TCP_MISS/404 1 GET http://a/ -',
    ['here', undefined, '200 203.0.113.7 TCP_MISS/404 1 GET http://a/ -'],
  ],
  [
    'ASL',
    '[Time 2006.12.28 15:53:55 UTC] [Facility auth] [Sender sshd] [Message Failed] [Message no] [Host mac]',
    ['mac', 'sshd', 'Failed'],
  ],
  ['a short line', 'x', ['here', undefined, 'x']],
] as const) {
  test(`splits ${what} into host, program and message`, () => assert.equal(parts(line), [...expected]));
}

test('drops control characters', () => {
  assert.is(predecode('a\0b\tc\x1b[0m\x7f', 0, '', '').fullLog, 'abc[0m');
});

test.run();
