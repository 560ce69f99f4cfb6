import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Event } from '../../../engine/event/event.ts';
import { engine } from '../fixture.ts';

const ANY = '<rule id="10" level="1"><description>any</description></rule>';

function decoded(decoders: string, line: string): Event {
  return engine(ANY, {}, { decoders }).decode(line, 0);
}

test('takes the first matching decoder, and assigns fields as <order> lists them', () => {
  const event = engine(ANY).decode('192.0.2.1 GET /a 404', 0);
  assert.equal(
    [event.decoder?.name, event.category, event.srcip, event.url, event.id],
    ['web', 'web-log', '192.0.2.1', '/a', '404'],
  );
});

test('names a child after its parent, unless it uses its own name', () => {
  const line = 'Nov 20 09:00:00 web app[1]: login of bob from 192.0.2.1';
  assert.is(engine(ANY).decode(line, 0).decoder?.name, 'app');
  const own =
    '<decoder name="p"><program_name>^app</program_name></decoder><decoder name="c"><parent>p</parent><use_own_name>true</use_own_name><prematch>^login</prematch></decoder>';
  assert.is(decoded(own, line).decoder?.name, 'c');
});

test('tries only decoders with a program_name on a line with a program name', () => {
  const decoders = '<decoder name="any"><prematch>^login</prematch></decoder>';
  assert.is(decoded(decoders, 'Nov 20 09:00:00 web app: login').decoder, undefined);
  assert.is(decoded(decoders, 'login').decoder?.name, 'any');
});

test('runs the regexes of siblings with the same name in sequence', () => {
  const decoders = `
    <decoder name="p"><prematch>^p </prematch></decoder>
    <decoder name="c"><parent>p</parent><regex offset="after_parent">^a=(\\d+)</regex><order>id</order></decoder>
    <decoder name="c"><parent>p</parent><regex offset="after_regex"> b=(\\S+)</regex><order>srcip</order></decoder>
    <decoder name="c"><parent>p</parent><regex> c=(\\S+)</regex><order>status, nowhere</order></decoder>`;
  const event = decoded(decoders, 'p a=1 b=192.0.2.1 c=x');
  assert.equal([event.id, event.srcip, event.status], ['1', '192.0.2.1', 'x']);
  const partly = decoded(decoders, 'p a=1 c=x');
  assert.equal([partly.id, partly.srcip, partly.status], ['1', undefined, 'x']);
});

test('tries only the first of several children that have a regex but no prematch', () => {
  const decoders = `
    <decoder name="p"><prematch>^p </prematch></decoder>
    <decoder name="c"><parent>p</parent><regex>a=(\\d+)</regex><order>id</order></decoder>
    <decoder name="d"><parent>p</parent><regex>b=(\\d+)</regex><order>id</order></decoder>`;
  assert.is(decoded(decoders, 'p b=1').id, undefined);
});

test('matches a decoder’s own field by its name, in any case', () => {
  const decoders =
    '<decoder name="p"><prematch>^p </prematch><regex>^p (\\d+)</regex><order>Speed</order></decoder>';
  const rules = '<rule id="10" level="3"><field name="speed">^9</field><description>x</description></rule>';
  const judge = engine(rules, {}, { decoders });
  assert.is(judge.judge('p 90', 0).rule?.id, 10);
  assert.is(judge.judge('p 80', 0).rule, undefined);
});

test('reads each JSON value as a field, and names a nested value by its path', () => {
  const decoders =
    '<decoder name="json"><prematch>^{\\s*"</prematch><plugin_decoder>JSON_Decoder</plugin_decoder></decoder>';
  const event = decoded(decoders, '{"srcip":"192.0.2.1","a":{"b":[1,"x"]},"ok":true}');
  assert.is(event.srcip, '192.0.2.1');
  assert.equal(
    [...(event.dynamic ?? [])],
    [
      ['a.b', '1,x'],
      ['ok', 'true'],
    ],
  );
  assert.is(decoded(decoders, '{"a":').dynamic, undefined);
});

test('reads addresses, ports and protocol from lines of OpenBSD’s packet filter', () => {
  const decoders =
    '<decoder name="pf"><type>firewall</type><program_name>^pf$</program_name><plugin_decoder>PF_Decoder</plugin_decoder></decoder>';
  const event = decoded(
    decoders,
    'Mar 30 15:54:22 fw pf: rule 3/(match) block in on xl0: 192.0.2.10.1514 > 192.0.2.190.1030:  udp 73',
  );
  assert.equal(
    [event.action, event.srcip, event.srcport, event.dstip, event.dstport, event.protocol],
    ['block', '192.0.2.10', '1514', '192.0.2.190', '1030', 'UDP'],
  );
});

test.run();
