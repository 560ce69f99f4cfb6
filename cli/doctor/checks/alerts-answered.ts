import { ourResponses, type ResponseEntry, responsesIn, SCRIPTS } from '../active-responses.ts';
import { lineOf, textOf } from '../conf.ts';
import type { Examination } from '../examination.ts';
import { type Judged, orOk, problem, warning } from '../finding.ts';
import { loadedRules } from '../loaded.ts';
import { carriedRuleIds } from '../our-rules.ts';
import type { Check } from './check.ts';

/** Some <active-response> runs our scripts, on this host's or an agent's alerts, and is one that can fire. */
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
    ...stockOnes(examined),
  ];
  const seen = on.map(({ command, element }) => `${command} (${lineOf(element)})`).join(', ');
  return orOk(wrong, `alerts are answered by ${seen}`);
};

/** What makes analysisd refuse the whole file (ReadActiveResponses of src/config/active-response.c). */
function refused({ element, command, runs, timeout }: ResponseEntry, { conf }: Examination): Judged[] {
  const at = `${conf?.file}: the <active-response> of ${lineOf(element)}`;
  if (runs === undefined)
    return [problem(`${at} runs '${command}', which no <command> is`, 'name a <command> that is there')];
  if (textOf(element, 'location') === undefined)
    return [problem(`${at} has no <location>`, '<location>local</location>')];
  if (!/AS|analysisd|server|local|defined-agent|all|any/.test(textOf(element, 'location') ?? ''))
    return [problem(`${at} has an unknown <location>`, '<location>local</location>')];
  if (timeout > 0 && textOf(runs.element, 'timeout_allowed') !== 'yes') {
    const fix = `<timeout_allowed>yes</timeout_allowed> in the <command> of ${lineOf(runs.element)}`;
    return [problem(`${at} has a <timeout>, and its command ${command} allows none`, fix)];
  }
  return [];
}

function nothingAnswers({ conf }: Examination): Judged[] {
  const off = ourResponses(conf)[0];
  const file = conf?.file;
  if (off === undefined)
    return [problem(`${file}: no <active-response> runs a script of Riposte`, 'riposte install')];
  const at = lineOf(off.element);
  return [problem(`${file}: the <active-response> of ${at} is disabled`, `take <disabled> out at ${at}`)];
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
    return [problem(`${at} runs on agents only, and there are none`, '<location>local</location>')];
  if (timeout === 0 && settings.blockFor.length === 0) {
    const fix = '<timeout>600</timeout> there, or BLOCK_FOR=1d,7d in riposte.conf';
    return [warning(`${at} has no <timeout>: what it blocks stays blocked until somebody unblocks it`, fix)];
  }
  return [];
}

function unknownRules(on: readonly ResponseEntry[], examined: Examination): Judged[] {
  const { ids, isComplete } = loadedRules(examined);
  if (!isComplete) return []; // the check of the rules says which files are not there
  const ours = carriedRuleIds(examined.dialect);
  return on.flatMap(({ element }) => {
    const named = (textOf(element, 'rules_id') ?? '').split(',').map((id) => id.trim());
    const missing = named.filter((id) => id !== '' && !ids.has(id) && !ours.has(id));
    if (missing.length === 0) return [];
    const at = `${examined.conf?.file}: <rules_id> of ${lineOf(element)}`;
    return problem(
      `${at}: no rule ${missing.join(', ')} is loaded`,
      'riposte install, or take the number out',
    );
  });
}

/** Stock OSSEC answers every alert of a level, whatever rule it is of. */
function stockOnes({ conf }: Examination): Judged[] {
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
      `${conf?.file}: the stock ${command} of ${lineOf(element)} also blocks, at level ${textOf(element, 'level')} and higher, and knows no riposte.allow`,
      // Not <disabled>: execd takes that for its own.
      'take that <active-response> out',
    ),
  );
}
