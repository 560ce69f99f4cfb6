import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { toWazuh } from '../../build/manager-xml.ts';
import { Engine } from '../../engine/engine.ts';
import type { Event } from '../../engine/event/event.ts';
import { builtInSources, ownDecoders, repositoryXml } from '../../engine/ruleset/built-in.ts';
import { sourcesOfWazuhCheckout } from '../../engine/ruleset/from-wazuh.ts';
import { loadRuleset, type Source, type Sources } from '../../engine/ruleset/ruleset.ts';
import { CLIENT, FORGED_LINES, type ForgedLine, PERFECT_LINES, PROXY, THIRD_PARTY } from './forged-lines.ts';

/* No attacker may choose the address to block. Every line goes through the decoders and rules once and 20 times. */

/** The stock configuration starts a response for alerts from this level on. */
const STOCK_LEVEL = 7;
const TIMES = 20;

/** The rules for which Riposte's fragments of ossec.conf start a response. */
const answered = new Set(
  ['active_response', 'behind_proxy'].flatMap((name) =>
    [...readFileSync(`ossec.conf.d/${name}.xml`, 'utf8').matchAll(/<rules_id>(.*?)<\/rules_id>/g)].flatMap(
      ([, ids = '']) => ids.split(',').map(Number),
    ),
  ),
);

/** Rules on an error log, whose lines may be forged in full. Riposte shows their alerts, but starts no response. */
const HEARSAY = new Set([117010, 117011, 117012, 117013, 117014, 117015, 30411, 30412]);

const DIALECTS = ['ossec', 'wazuh'] as const;

for (const isBehindProxy of [false, true]) {
  const where = isBehindProxy ? 'behind a proxy' : 'without a proxy';
  for (const dialect of DIALECTS) {
    const ruleset = loadRuleset(builtInSources(dialect, isBehindProxy));
    const engine = () => new Engine(ruleset, { counting: 'keyed', host: 'here' });

    test(`attributes no forged line to another source, ${where}, ${dialect}`, () => {
      const wrong: string[] = [];
      for (const forged of FORGED_LINES) {
        const expected = isBehindProxy ? forged.behindProxy : forged.withoutProxy;
        for (const [i, event] of events(engine(), forged).entries()) {
          const isRight =
            expected === undefined ? isHarmless(event, isBehindProxy) : (event.srcip ?? '-') === expected;
          if (!isRight) wrong.push(`${i} ${forged.what}: ${told(event)}\n    ${forged.line.slice(0, 300)}`);
          if (!isRight) break;
        }
      }
      assert.equal(wrong, []);
    });

    test(`starts no response for a line that is forged in full, ${where}, ${dialect}`, () => {
      const wrong: string[] = [];
      for (const forged of PERFECT_LINES) {
        for (const event of events(engine(), forged)) {
          const { rule, srcip } = event;
          if (!rule || srcip === undefined || srcip === CLIENT) continue;
          if (answered.has(rule.id) || (rule.level >= STOCK_LEVEL && !HEARSAY.has(rule.id))) {
            wrong.push(`${forged.what}: ${told(event)}\n    ${forged.line.slice(0, 300)}`);
            break;
          }
        }
      }
      assert.equal(wrong, []);
    });
  }
}

/* Wazuh's own decoders and rules with Riposte's rules for Wazuh. WAZUH=/path/to/wazuh names a source tree of Wazuh. */
const { WAZUH } = process.env;
for (const isBehindProxy of [false, true]) {
  (WAZUH ? test : test.skip)(
    `attributes no forged line to another source with Wazuh's ruleset, ${isBehindProxy ? 'behind' : 'without'} a proxy`,
    () => {
      const engine = new Engine(loadRuleset(wazuhSources(WAZUH ?? '', isBehindProxy)), { counting: 'keyed' });
      const wrong: string[] = [];
      for (const { what, line, location, ...expected } of FORGED_LINES) {
        const event = engine.judge(line, 1_795_166_986, location);
        const address = isBehindProxy ? expected.behindProxy : expected.withoutProxy;
        const isRight =
          address === undefined ? isHarmless(event, isBehindProxy) : (event.srcip ?? '-') === address;
        if (!isRight) wrong.push(`${what}: ${told(event)}\n    ${line.slice(0, 300)}`);
      }
      assert.equal(wrong, []);
    },
  );
}
if (!WAZUH) console.log("skipped: forged lines with Wazuh's ruleset (WAZUH=/path/to/wazuh)");

function wazuhSources(checkout: string, isBehindProxy: boolean): Sources {
  const stock = sourcesOfWazuhCheckout(checkout, false);
  const xml = repositoryXml('.');
  const converted = ({ file, text }: Source) => ({ file, text: toWazuh(text) });
  return {
    ...stock,
    decoders: [...ownDecoders(xml, isBehindProxy).map(converted), ...stock.decoders],
    rules: [...stock.rules, ...xml.rules.map(converted)],
  };
}

test('finds the rules that start a response, and no rule on forgeable lines among them', () => {
  assert.ok(answered.size > 15);
  for (const id of HEARSAY) assert.not.ok(answered.has(id), `${id}`);
});

function events(engine: Engine, { line, location }: ForgedLine): Event[] {
  return Array.from({ length: TIMES }, (_, i) => engine.judge(line, 1_795_166_986 + i, location));
}

function isHarmless({ srcip, rule }: Event, isBehindProxy: boolean): boolean {
  if (srcip === THIRD_PARTY) return false;
  if (!isBehindProxy || srcip !== PROXY) return true;
  return !rule || (rule.level < STOCK_LEVEL && !answered.has(rule.id));
}

function told({ srcip, rule, decoder }: Event): string {
  return `${srcip ?? '-'} ${rule?.id}:${rule?.level} ${decoder?.name}`;
}

test.run();
