import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../active-response/home.ts';
import type { Counted } from '../../report/counted-event.ts';
import { LoggedRequests } from '../../report/logged-requests.ts';
import { temporaryDirectory } from '../active-response/support.ts';

const SECONDS = 1795166136;
const MONTH = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The file in which OSSEC logs the alerts of this second. Its name has the local date. */
function dayFile(seconds: number): string {
  const date = new Date(seconds * 1000);
  const day = String(date.getDate()).padStart(2, '0');
  return `logs/alerts/${date.getFullYear()}/${MONTH[date.getMonth()]}/ossec-alerts-${day}.log`;
}

const block = (id: string, path: string): string => `** Alert ${id}: mail  - web,attack,
2026 Nov 20 09:15:36 vm->/var/log/apache2/access.log
Rule: 117053 (level 11) -> 'A scanner.'
Src IP: 203.0.113.9
203.0.113.9 - - [20/Nov/2026:09:15:36 +0000] "GET ${path} HTTP/1.1" 404 209 "-" "x"

`;

const event = (alert: string | undefined, more: Partial<Counted> = {}): Counted => ({
  time: SECONDS * 1000,
  event: 'blocked',
  response: 'firewall-drop',
  command: 'add',
  address: '203.0.113.9',
  alert,
  ...more,
});

function homeWith(files: Record<string, string | Buffer>) {
  const home = homeAt(temporaryDirectory());
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home.root, name)), { recursive: true });
    writeFileSync(join(home.root, name), text);
  }
  return home;
}

const first = block(`${SECONDS}.0`, '/one?a=1');
const second = block(`${SECONDS}.${first.length}`, '/two');

test('finds the request of an alert by its id, with level and description', () => {
  const requests = new LoggedRequests(homeWith({ [dayFile(SECONDS)]: first + second }));
  const one = requests.complete(event(`${SECONDS}.0`));
  assert.equal(
    [one.request?.request, one.request?.whole, one.level, one.description],
    ['GET /one', 'GET /one?a=1', 11, 'A scanner.'],
  );
  assert.is(requests.complete(event(`${SECONDS}.${first.length}`)).request?.request, 'GET /two');
  requests.close();
});

test('reads the compressed file of a day, and then the file of the next day', () => {
  const next = SECONDS + 86_400;
  const requests = new LoggedRequests(
    homeWith({
      [`${dayFile(SECONDS)}.gz`]: gzipSync(first + second),
      [dayFile(next)]: block(`${next}.0`, '/three'),
    }),
  );
  const found = [`${SECONDS}.${first.length}`, `${next}.0`, `${SECONDS}.0`].map(
    (id) => requests.complete(event(id)).request?.request,
  );
  assert.equal(found, ['GET /two', 'GET /three', 'GET /one']);
});

test('finds alerts anywhere in a file, even late alerts, and alerts between long alerts', () => {
  const long = 'x'.repeat(3000);
  const ids = Array.from({ length: 3000 }, (_, index) => `${SECONDS + Math.floor(index / 3)}.${index + 3}`);
  const late = `${SECONDS + 500}.9999`;
  const texts = ids.map((id, index) => block(id, `/p${index}${index % 10 === 0 ? long : ''}`));
  texts.splice(1506, 0, block(late, '/late'));
  for (const name of [dayFile(SECONDS), `${dayFile(SECONDS)}.gz`]) {
    const text = texts.join('');
    const requests = new LoggedRequests(homeWith({ [name]: name.endsWith('.gz') ? gzipSync(text) : text }));
    const found = (id: string) => requests.complete(event(id)).request?.request;
    for (const index of [2999, 1, 2, 4, 1501, 0, 777])
      assert.is(
        found(ids[index] as string)?.slice(0, 10),
        `GET /p${index}${index % 10 === 0 ? 'x'.repeat(10) : ''}`.slice(0, 10),
      );
    assert.is(found(late), 'GET /late');
    assert.is(found(`${SECONDS + 500}.1`), undefined);
    requests.close();
  }
});

test('returns an event unchanged when its alert is missing, or when the event has a request or no alert id', () => {
  const home = homeWith({ [dayFile(SECONDS)]: first, [`${dayFile(SECONDS - 86_400)}.gz`]: 'damaged' });
  const requests = new LoggedRequests(home);
  for (const each of [
    event(`${SECONDS}.7`),
    event(`${SECONDS}.99999`),
    event(`${SECONDS - 86_400}.0`),
    event(`${SECONDS + 86_400}.0`),
    event('(from_the_server)'),
    event(undefined),
    event(`${SECONDS}.0`, { command: 'delete' }),
    event(`${SECONDS}.0`, { request: { request: 'GET /own' } }),
  ])
    assert.is(requests.complete(each), each);
  rmSync(join(home.root, 'logs'), { recursive: true });
  const none = event(`${SECONDS}.0`);
  assert.is(new LoggedRequests(home).complete(none), none);
});

test.run();
