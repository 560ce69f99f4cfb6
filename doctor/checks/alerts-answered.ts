import { ourResponses, type ResponseEntry, responsesIn, SCRIPTS } from '../active-responses.ts';
import { lineOf, textOf } from '../conf.ts';
import type { Examination } from '../examination.ts';
import { type Judged, orOk, problem, warning } from '../finding.ts';
import { loadedRules } from '../loaded.ts';
import { carriedRuleIds } from '../our-rules.ts';
import type { Check } from './check.ts';

/** Checks that some <active-response> runs Riposte's scripts and can fire. */
export const alertsAnswered: Check = (examined) => {
  const { decides, conf } = examined;
  if (!decides || conf === undefined) return [];
  const on = ourResponses(conf).filter(({ isDisabled }) => !isDisabled);
  const wrong = [
    ...responsesIn(conf)
      .filter(({ isDisabled }) => !isDisabled)
      .flatMap((entry) => refused(entry, examined)),
    ...(on.length === 0 ? nothingAnswers(examined) : []),
    ...on.flatMap((entry) => neverFires(entry, examined)),
    ...unknownRules(on, examined),
    ...stockResponses(examined),
  ];
  const seen = on.map(({ command, element }) => `${command} (${lineOf(element)})`).join(', ');
  return orOk(wrong, `alerts are answered by ${seen}`);
};

/** Finds mistakes that make analysisd refuse the whole file (ReadActiveResponses of src/config/active-response.c). */
function refused({ element, command, runs, timeout }: ResponseEntry, { conf }: Examination): Judged[] {
  const at = `${conf?.file}: the <active-response> of ${lineOf(element)}`;
  if (runs === undefined)
    return [problem(`${at} runs '${command}', but no <command> has that name`, 'name an existing <command>')];
  if (textOf(element, 'location') === undefined)
    return [problem(`${at} has no <location>`, '<location>local</location>')];
  if (!/AS|analysisd|server|local|defined-agent|all|any/.test(textOf(element, 'location') ?? ''))
    return [problem(`${at} has an unknown <location>`, '<location>local</location>')];
  if (timeout > 0 && textOf(runs.element, 'timeout_allowed') !== 'yes') {
    const fix = `write <timeout_allowed>yes</timeout_allowed> into the <command> of ${lineOf(runs.element)}`;
    return [problem(`${at} has a <timeout>, but its command ${command} allows none`, fix)];
  }
  return [];
}

function nothingAnswers({ conf }: Examination): Judged[] {
  const off = ourResponses(conf)[0];
  const file = conf?.file;
  if (off === undefined)
    return [problem(`${file}: no <active-response> runs a script of Riposte`, 'riposte install')];
  const at = lineOf(off.element);
  return [problem(`${file}: the <active-response> of ${at} is disabled`, `remove the <disabled> at ${at}`)];
}

function neverFires({ element, command, timeout }: ResponseEntry, examined: Examination): Judged[] {
  const { conf, manager, settings } = examined;
  const at = `${conf?.file}: the <active-response> of ${lineOf(element)} (${command})`;
  const hasTrigger = ['level', 'rules_id', 'rules_group'].some(
    (name) => (textOf(element, name) ?? '0') !== '0',
  );
  if (!hasTrigger)
    return [problem(`${at} names no rules and no level: it never fires`, '<rules_id>31151</rules_id>')];
  const location = textOf(element, 'location') ?? '';
  if (manager?.role === 'local' && !/AS|analysisd|server|local/.test(location))
    return [problem(`${at} runs on agents only, but there are none`, '<location>local</location>')];
  if (timeout === 0 && settings.blockFor.length === 0) {
    const fix =
      'write <timeout>600</timeout> there, or set BLOCK_FOR=1d,7d in riposte.conf of each host that blocks';
    return [warning(`${at} has no <timeout>: its blocks last until an operator unblocks them`, fix)];
  }
  return [];
}

function unknownRules(on: readonly ResponseEntry[], examined: Examination): Judged[] {
  const { ids, isComplete } = loadedRules(examined);
  if (!isComplete) return []; // the check of the rules reports the missing files
  const ours = carriedRuleIds(examined.dialect);
  return on.flatMap(({ element }) => {
    const named = (textOf(element, 'rules_id') ?? '').split(',').map((id) => id.trim());
    const missing = named.filter((id) => id !== '' && !ids.has(id) && !ours.has(id));
    if (missing.length === 0) return [];
    const at = `${examined.conf?.file}: <rules_id> of ${lineOf(element)}`;
    return problem(
      `${at}: no rule ${missing.join(', ')} is loaded`,
      'riposte install, or remove the number from <rules_id>',
    );
  });
}

/** Finds OSSEC's stock responses, which answer every alert of a level, of any rule. */
function stockResponses({ conf }: Examination): Judged[] {
  const stock = responsesIn(conf).filter(({ isDisabled, runs, element }) => {
    const isOurs = runs === undefined || SCRIPTS.includes(runs.executable);
    return (
      !isDisabled &&
      !isOurs &&
      /^(host-deny|firewall-drop|route-null)/.test(runs.name) &&
      textOf(element, 'level')
    );
  });
  return stock.map(({ element, command }) =>
    warning(
      `${conf?.file}: the stock response ${command} of ${lineOf(element)} also answers alerts from level ${textOf(element, 'level')} on, and ignores riposte.allow`,
      // Not <disabled>: it would turn execd off.
      'remove that <active-response>',
    ),
  );
}
