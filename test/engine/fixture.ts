import type { Dialect } from '../../engine/dialect.ts';
import { Engine, type EngineOptions } from '../../engine/engine.ts';
import type { Event } from '../../engine/event/event.ts';
import type { List } from '../../engine/list/lookup.ts';
import { loadRuleset, type Ruleset } from '../../engine/ruleset/ruleset.ts';

/** Two decoders: one for requests of a small web log, and one for a program. */
export const DECODERS = `
<decoder name="web">
  <type>web-log</type>
  <prematch>^\\S+ GET </prematch>
  <regex>^(\\S+) GET (\\S+) (\\d+)</regex>
  <order>srcip, url, id</order>
</decoder>
<decoder name="app">
  <program_name>^app</program_name>
</decoder>
<decoder name="app-login">
  <parent>app</parent>
  <prematch>^login of </prematch>
  <regex offset="after_prematch">^(\\S+) from (\\S+)</regex>
  <order>user, srcip</order>
</decoder>`;

export const ROOTS = `
<group name="syslog,"><rule id="1" level="0" noalert="1"><category>syslog</category><description>s</description></rule></group>
<group name="web-log,"><rule id="4" level="0" noalert="1"><category>web-log</category><description>w</description></rule></group>`;

/** Rules in a group, after the roots. */
export function rulesOf(rules: string, group = 'test,'): string {
  return `${ROOTS}<group name="${group}">${rules}</group>`;
}

interface Parts {
  rules: string;
  decoders?: string;
  dialect?: Dialect;
  lists?: Map<string, List>;
}

export function ruleset({
  rules,
  decoders = DECODERS,
  dialect = 'ossec',
  lists = new Map(),
}: Parts): Ruleset {
  return loadRuleset({
    dialect,
    decoders: [{ file: 'decoders.xml', text: decoders }],
    rules: [{ file: 'rules.xml', text: rules }],
    lists,
    logLevel: 1,
    mailLevel: 7,
  });
}

/** An engine with rules in a group. */
export function engine(
  rules: string,
  options: Partial<EngineOptions> = {},
  parts: Partial<Parts> = {},
): Engine {
  return new Engine(ruleset({ rules: rulesOf(rules), ...parts }), {
    counting: 'shared',
    host: 'here',
    ...options,
  });
}

/** The id of each line's final rule. Lines come one second apart, or at the times given before a `|`. */
export function finalRules(judge: Engine, lines: string[]): (number | undefined)[] {
  return lines.map((line, i) => {
    const timed = /^(\d+)\|(.*)$/.exec(line);
    const event: Event = judge.judge(timed?.[2] ?? line, 1000 + Number(timed?.[1] ?? i));
    return event.rule?.id;
  });
}
