import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../engine/engine.ts';
import { builtInSources } from '../../engine/ruleset/built-in.ts';
import { loadRuleset } from '../../engine/ruleset/ruleset.ts';
import { DECODED_LINES } from './decoded-lines.ts';

for (const dialect of ['ossec', 'wazuh'] as const) {
  const engine = new Engine(loadRuleset(builtInSources(dialect, true)), { counting: 'keyed', host: 'here' });
  for (const { what, line, decoder, srcip } of DECODED_LINES) {
    test(`decodes ${what}, ${dialect}`, () => {
      const event = engine.decode(line, 1_795_166_986);
      assert.equal([event.decoder?.name, event.srcip ?? '-'], [decoder, srcip]);
    });
  }
}

test.run();
