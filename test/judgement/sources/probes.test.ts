import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Probes } from '../../../judgement/sources/probes.ts';

const test = suite('probes of one source');
const START = 1_800_000_000;
const probe = (product: string, more = {}) => ({
  product,
  target: `/${product}/`,
  status: '200',
  isAnswered: false,
  isServed: false,
  ...more,
});

test('counts each product only once', () => {
  const probes = new Probes();
  probes.addProduct(probe('wiki'), START);
  probes.addProduct(probe('wiki', { target: '/wiki/setup' }), START + 1);
  assert.is(probes.sum(START + 1), 1);
  probes.addProduct(probe('mail'), START + 2);
  assert.is(probes.sum(START + 2), 2);
  assert.equal(probes.names(START + 2), ['wiki', 'mail']);
});

test('forgets a probe after ten minutes', () => {
  const probes = new Probes();
  probes.addProduct(probe('wiki'), START);
  probes.addPayload('/?a=1', 'SQL injection', START + 300);
  assert.is(probes.sum(START + 600), 2);
  assert.is(probes.sum(START + 601), 1);
  assert.is(probes.sum(START + 901), 0);
});

test('counts products as a single probe when the site serves all of them', () => {
  const probes = new Probes();
  for (const product of ['wiki', 'mail', 'shop'])
    probes.addProduct(probe(product, { isServed: true, isAnswered: true }), START);
  assert.is(probes.sum(START), 1);
  probes.addProduct(probe('router'), START);
  assert.is(probes.sum(START), 2);
});

test('counts a product as served once a page of the product has loaded files', () => {
  const probes = new Probes();
  for (const product of ['wiki', 'mail']) probes.addProduct(probe(product, { isAnswered: true }), START);
  assert.is(probes.sum(START), 2);
  probes.noteLoaded('https://www.example.org/wiki/?page=2');
  assert.is(probes.sum(START), 2);
  probes.noteLoaded('https://www.example.org/mail/');
  assert.is(probes.sum(START), 1);
});

test('does not count a product as served when its page was not answered, or another page loaded the files', () => {
  const probes = new Probes();
  probes.addProduct(probe('wiki'), START);
  probes.addProduct(probe('mail', { isAnswered: true }), START);
  probes.noteLoaded('https://www.example.org/wiki/');
  probes.noteLoaded('https://www.example.org/');
  probes.noteLoaded('https://www.example.org');
  probes.addProduct(probe('shop'), START);
  assert.is(probes.sum(START), 3);
});

test('counts each different payload, with its weight', () => {
  const probes = new Probes();
  probes.addPayload('/?id=1 union select', 'SQL injection', START);
  probes.addPayload('/?id=1 union select', 'SQL injection', START);
  assert.is(probes.sum(START), 1);
  probes.addLed('/.env', 'secret', START);
  assert.is(probes.sum(START), 3);
});

test('counts further probes when a product is sought in many folders', () => {
  const sought = (count: number, status: string, step = 11) => {
    const probes = new Probes();
    for (let i = 0; i < count; i++)
      probes.addProduct(probe('wiki', { target: `/x${i}/wiki`, status }), START + i * step);
    return probes.sum(START + count * step);
  };
  assert.equal(
    [2, 3, 4, 30].map((count) => sought(count, '404')),
    [1, 2, 3, 3],
  );
  assert.equal(
    [8, 9, 17, 18].map((count) => sought(count, '302')),
    [1, 2, 2, 3],
  );
  assert.is(sought(30, '200'), 1);
  assert.equal(
    [2, 3].map((count) => sought(count, '404', 10)),
    [1, 3],
  );
});

test('forgets the folders of a product after ten minutes', () => {
  const probes = new Probes();
  for (let i = 0; i < 6; i++)
    probes.addProduct(probe('wiki', { target: `/x${i}/wiki`, status: '404' }), START + i * 601);
  assert.is(probes.sum(START + 5 * 601), 1);
});

test('counts products as a single probe when their answers differ in size', () => {
  const probes = new Probes();
  probes.addProduct(probe('wiki', { size: 4000 }), START);
  probes.addProduct(probe('mail', { size: 9000 }), START);
  probes.addProduct(probe('shop', { size: 700 }), START);
  assert.is(probes.sum(START), 1);
  probes.addProduct(probe('blog', { size: 720 }), START);
  assert.is(probes.sum(START), 3);
});

test('counts one kind of payload in a search only once a minute', () => {
  const probes = new Probes();
  for (let second = 0; second < 59; second++)
    probes.addSearch('SQL injection', `q=${second}`, START + second);
  assert.is(probes.sum(START + 59), 1);
  probes.addSearch('path traversal', 'q=..', START + 59);
  assert.is(probes.sum(START + 59), 2);
  probes.addSearch('SQL injection', 'q=60', START + 60);
  assert.is(probes.sum(START + 60), 3);
});

test('remembers a limited number of probes, and forgets the oldest probes first', () => {
  const probes = new Probes();
  for (let i = 0; i < 1000; i++) probes.addPayload(`/?id=${i}`, 'SQL injection', START + i);
  assert.is(probes.sum(START + 999), 8);
});

test.run();
