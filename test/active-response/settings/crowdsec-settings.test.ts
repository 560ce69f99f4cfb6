import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  CROWDSEC_SETTINGS,
  loadCrowdsecSettings,
} from '../../../active-response/settings/crowdsec-settings.ts';
import { temporaryDirectory } from '../support.ts';

const { crowdsecUrl, crowdsecScopes, crowdsecPoll, crowdsecMachine, crowdsecOrigins } = CROWDSEC_SETTINGS;

test('accepts https anywhere, and http only where no other host can read the key', () => {
  const right = [
    'https://lapi.example.org',
    'https://192.0.2.1:8080',
    'http://127.0.0.1:8080',
    'http://[::1]:8080',
  ];
  right.push(
    'http://localhost:8080',
    'http://10.9.0.1:8080',
    'http://192.168.1.2:8080',
    'http://[fd00::1]:8080',
    '',
  );
  for (const url of right) assert.is(crowdsecUrl.parse(url), url, url);
  const wrong = [
    'http://lapi.example.org',
    'http://192.0.2.1:8080',
    'ftp://127.0.0.1',
    '127.0.0.1:8080',
    'x',
  ];
  wrong.push(
    'https://user:secret@lapi.example.org',
    'https://lapi.example.org/?x=1',
    'http://10.example.org:8080',
  );
  for (const url of wrong) assert.is(crowdsecUrl.parse(url), undefined, url);
  assert.is(crowdsecUrl.parse('http://127.0.0.1:8080/'), 'http://127.0.0.1:8080');
});

test('refuses a URL in a file that another account can change, because the URL’s server gets the key', () => {
  const file = join(temporaryDirectory(), 'riposte.conf');
  writeFileSync(file, 'CROWDSEC_URL=https://lapi.example.org\nCROWDSEC_POLL=1m\n');
  chmodSync(file, 0o666);
  const said: string[] = [];
  const { crowdsecUrl: url, crowdsecPoll: poll } = loadCrowdsecSettings([file], (message) => {
    said.push(message);
  });
  assert.equal([url, poll], ['', 60]);
  assert.match(said.join(), 'riposte.conf:1: CROWDSEC_URL names a program, file or server for root');
});

test('refuses other scopes, times and names', () => {
  assert.equal(crowdsecScopes.parse('Range'), ['range']);
  for (const text of ['', 'ip,country', 'AS']) assert.is(crowdsecScopes.parse(text), undefined, text);
  for (const text of ['0s', '2h', 'x']) assert.is(crowdsecPoll.parse(text), undefined, text);
  assert.is(crowdsecPoll.parse('1m'), 60);
  for (const text of ['a b', 'a&b', 'a/b']) assert.is(crowdsecMachine.parse(text), undefined, text);
  assert.equal(crowdsecOrigins.parse('CAPI, lists:firehol'), ['CAPI', 'lists:firehol']);
  assert.is(crowdsecOrigins.parse('a b'), undefined);
});

test.run();
