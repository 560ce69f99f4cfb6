import { RESPONSES } from '../../active-response/response/responses.ts';
import { commandsIn, ourResponses, SCRIPTS } from '../active-responses.ts';
import { lineOf, textOf } from '../conf.ts';
import type { Examination } from '../examination.ts';
import { type Judged, orOk, problem, warning } from '../finding.ts';
import type { Check } from './check.ts';

/** The scripts that only a few servers need: ossec.conf may have no command for them. */
const OPTIONAL = RESPONSES.flatMap(({ name, isOptional }) => (isOptional ? `${name}.js` : []));

/** Checks that ossec.conf has a <command> for each script, in a form that the manager accepts. */
export const commands: Check = (examined) => {
  const { decides, conf } = examined;
  if (!decides || conf === undefined) return [];
  const ours = commandsIn(conf).filter(({ executable }) => SCRIPTS.includes(executable));
  const missing = SCRIPTS.filter(
    (name) => !OPTIONAL.includes(name) && !ours.some((each) => each.executable === name),
  );
  const state = ourResponses(conf).some(({ isDisabled }) => !isDisabled) ? warning : problem;
  const wrong = [
    ...missing.map((name) => state(`${conf.file}: no <command> runs ${name}`, lineFor(name, examined))),
    ...shadowed(examined),
    ...(examined.dialect === 'ossec' ? withoutAddress(examined) : []),
  ];
  return orOk(wrong, ours.map(({ name, executable }) => `${name} runs ${executable}`).join(', '));
};

/** Finds commands of Riposte that share the name of an earlier <command>: the manager runs only the first. */
function shadowed({ conf }: Examination): Judged[] {
  const all = commandsIn(conf);
  return all.flatMap(({ name, executable, element }) => {
    const first = all.find((each) => each.name === name);
    if (!SCRIPTS.includes(executable) || first === undefined || first.executable === executable) return [];
    const what = `the manager never runs the <command> ${name} of ${lineOf(element)}`;
    return problem(
      `${conf?.file}: ${what}: the first <command> of that name, ${lineOf(first.element)}, runs ${first.executable}`,
      `give Riposte's a name of its own, riposte-${name}, there and in its <active-response>`,
    );
  });
}

/** OSSEC passes only the fields that <expect> names, and its analysisd does not start if a command lacks <expect>. */
function withoutAddress({ conf }: Examination): Judged[] {
  const ours = commandsIn(conf).filter(({ executable }) => SCRIPTS.includes(executable));
  return ours.flatMap(({ name, element }) =>
    (textOf(element, 'expect') ?? '').split(/[\s,]+/).includes('srcip')
      ? []
      : problem(
          `${conf?.file}: the <command> ${name}, ${lineOf(element)}, expects no srcip, so its script gets no address`,
          '<expect>srcip</expect>',
        ),
  );
}

function lineFor(script: string, { dialect }: Examination): string {
  const name = script.replace('.js', '');
  const expect = dialect === 'ossec' ? '<expect>srcip</expect>' : '';
  const stock = dialect === 'wazuh' || name === 'firewall-drop' ? 'riposte-' : '';
  const inside = `<name>${stock}${name}</name><executable>${script}</executable>${expect}`;
  return `riposte install, or write <command>${inside}<timeout_allowed>yes</timeout_allowed></command>`;
}
