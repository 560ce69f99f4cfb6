import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Engine } from '../../../engine/engine.ts';
import { engine, finalRules } from '../fixture.ts';

const BASE =
  '<rule id="10" level="5"><category>web-log</category><id>^4</id><description>error</description></rule>';

const counting = (options: string, attributes = 'frequency="2" timeframe="60"') =>
  `${BASE}<rule id="11" level="10" ${attributes}>${options}<description>many</description></rule>`;

const SAME_SOURCE = counting('<if_matched_sid>10</if_matched_sid><same_source_ip />');

const request = (source: number | string, page = 'a', code = 404) => `192.0.2.${source} GET /${page} ${code}`;

/** The number of sources that rule 11 flags when the sources send `count` requests each, in turn. */
function flagged(judge: Engine, sources: number, count: number): number {
  const found = new Set<string | undefined>();
  for (let turn = 0; turn < count; turn++) {
    for (let source = 0; source < sources; source++) {
      const event = judge.judge(`10.${source >> 8}.${source & 255}.1 GET /p${turn} 404`, 1000 + turn);
      if (event.rule?.id === 11) found.add(event.srcip);
    }
  }
  return found.size;
}

for (const options of [{ counting: 'shared' }, { counting: 'keyed' }] as const) {
  const name = options.counting;

  test(`${name}: fires on the fourth event at frequency 2, and then counts from zero`, () => {
    const lines = Array.from({ length: 9 }, () => request(1));
    assert.equal(finalRules(engine(SAME_SOURCE, options), lines), [10, 10, 10, 11, 10, 10, 10, 11, 10]);
  });

  test(`${name}: does not count events outside the timeframe or of other sources`, () => {
    const slow = [0, 30, 60, 90, 120].map((time) => `${time}|${request(1)}`);
    assert.equal(finalRules(engine(SAME_SOURCE, options), slow), [10, 10, 10, 10, 10]);
    const others = [request(1), request(2), request(3), request(4), request(5)];
    assert.equal(finalRules(engine(SAME_SOURCE, options), others), [10, 10, 10, 10, 10]);
  });

  test(`${name}: does not count repeated pages when URLs must differ`, () => {
    const rules = counting('<if_matched_sid>10</if_matched_sid><same_source_ip /><different_url />');
    const same = Array.from({ length: 6 }, () => request(1));
    assert.equal(finalRules(engine(rules, options), same), [10, 10, 10, 10, 10, 10]);
    const pages = ['a', 'a', 'b', 'c', 'd'].map((page) => request(1, page));
    assert.equal(finalRules(engine(rules, options), pages), [10, 10, 10, 11, 10]);
  });

  test(`${name}: does not count a rule’s events for its group when another rule counts the same rule by id`, () => {
    const group =
      '<rule id="12" level="9" frequency="1" timeframe="60"><if_matched_group>test</if_matched_group><description>g</description></rule>';
    const alone = `${BASE}${group}`;
    const both = `${SAME_SOURCE}${group}`;
    const lines = Array.from({ length: 4 }, () => request(1));
    assert.equal(finalRules(engine(alone, options), lines), [10, 10, 12, 10]);
    assert.equal(finalRules(engine(both, options), lines), [10, 10, 10, 11]);
  });

  test(`${name}: counts every alert, of any rule, when a rule counts by regex`, () => {
    const rules =
      '<rule id="10" level="3"><category>web-log</category><url>/a</url><description>a</description></rule>' +
      '<rule id="12" level="3"><category>web-log</category><url>/b</url><description>b</description></rule>' +
      '<rule id="13" level="0"><category>web-log</category><url>/quiet</url><description>q</description></rule>' +
      '<rule id="11" level="10" frequency="1" timeframe="60"><if_sid>10, 12</if_sid><if_matched_regex> 404$</if_matched_regex><same_source_ip /><description>many</description></rule>';
    const lines = [
      request(1, 'a'),
      request(1, 'quiet'),
      request(1, 'b', 200),
      request(1, 'b'),
      request(1, 'a'),
    ];
    assert.equal(finalRules(engine(rules, options), lines), [10, 13, 12, 12, 11]);
  });
}

test('with shared counting, one source hides other sources, as in OSSEC; with keyed counting, every source is found', () => {
  assert.is(
    flagged(
      engine(
        counting('<if_matched_sid>10</if_matched_sid><same_source_ip />', 'frequency="12" timeframe="90"'),
      ),
      5,
      20,
    ),
    1,
  );
  assert.is(
    flagged(
      engine(
        counting('<if_matched_sid>10</if_matched_sid><same_source_ip />', 'frequency="12" timeframe="90"'),
      ),
      20,
      20,
    ),
    0,
  );
  const keyed = engine(
    counting('<if_matched_sid>10</if_matched_sid><same_source_ip />', 'frequency="12" timeframe="90"'),
    { counting: 'keyed' },
  );
  assert.is(flagged(keyed, 1000, 20), 1000);
});

test('in Wazuh, fires on event number N when the frequency is N', () => {
  const rules = counting(
    '<if_matched_sid>10</if_matched_sid><same_source_ip />',
    'frequency="4" timeframe="60"',
  );
  const lines = Array.from({ length: 5 }, () => request(1));
  assert.equal(
    finalRules(engine(rules, { counting: 'keyed' }, { dialect: 'wazuh' }), lines),
    [10, 10, 10, 11, 10],
  );
});

test('silences only the source of the alert when each source is counted separately', () => {
  const rules =
    '<rule id="10" level="5" ignore="60"><category>web-log</category><description>x</description></rule>';
  const alerts = (counting: 'shared' | 'keyed') => {
    const judge = engine(rules, { counting });
    return [request(1), request(2), request(1)].map((line) => judge.judge(line, 1000).isAlert);
  };
  assert.equal(alerts('shared'), [true, false, false]);
  assert.equal(alerts('keyed'), [true, true, false]);
});

test('accumulates the fields of lines with the same id', () => {
  const decoders =
    '<decoder name="p"><prematch>^p </prematch><regex>^p (\\d+) ip=(\\S+)|^p (\\d+)</regex><order>id, srcip</order><accumulate /></decoder>';
  const judge = engine('<rule id="10" level="1"><description>x</description></rule>', {}, { decoders });
  judge.judge('p 1 ip=192.0.2.1', 1000);
  assert.equal(
    [judge.judge('p 1', 1010).srcip, judge.judge('p 2', 1010).srcip, judge.judge('p 1', 2000).srcip],
    ['192.0.2.1', undefined, undefined],
  );
});

/** An event as a log reader returns it. */
const read = (source: number) =>
  ({
    decoder: 'web-accesslog',
    category: 'web-log',
    log: request(source),
    srcip: `192.0.2.${source}`,
    id: '404',
  }) as const;

test('keyed: a rule in leavesOut counts lines that a decoder read, but not requests that a log reader read', () => {
  const judge = engine(SAME_SOURCE, { counting: 'keyed', leavesOut: new Set([11]) });
  const ofReader = Array.from(
    { length: 6 },
    () => judge.judgeRead(read(1), request(1), 1000, 'log').rule?.id,
  );
  assert.equal(ofReader, [10, 10, 10, 10, 10, 10]);
  assert.equal(
    finalRules(
      judge,
      Array.from({ length: 4 }, () => request(1)),
    ),
    [10, 10, 10, 11],
  );
});

test('keyed: a rule in leavesOut counts requests that a log reader read if the rule has a child', () => {
  const below = '<rule id="12" level="12"><if_sid>11</if_sid><url>b</url><description>b</description></rule>';
  const judge = engine(SAME_SOURCE + below, { counting: 'keyed', leavesOut: new Set([11]) });
  const found = Array.from({ length: 4 }, () => judge.judgeRead(read(1), request(1), 1000, 'log').rule?.id);
  assert.equal(found, [10, 10, 10, 11]);
});

test.run();
