import { commandsIn, ourResponses, SCRIPTS } from '../active-responses.ts';
import { lineOf, textOf } from '../conf.ts';
import type { Examination } from '../examination.ts';
import { type Judged, orOk, problem, warning } from '../finding.ts';
import type { Check } from './check.ts';

/** apache-deny is for servers behind a proxy: its command is not missed anywhere else. */
const OPTIONAL = 'apache-deny.js';

/** ossec.conf has a <command> for each script, of a form that the manager takes. */
export const commands: Check = (examined) => {
  const { decides, conf } = examined;
  if (!decides || conf === undefined) return [];
  const ours = commandsIn(conf).filter(({ executable }) => SCRIPTS.includes(executable));
  const missing = SCRIPTS.filter(
    (name) => name !== OPTIONAL && !ours.some((each) => each.executable === name),
  );
  const state = ourResponses(conf).some(({ isDisabled }) => !isDisabled) ? warning : problem;
  const wrong = [
    ...missing.map((name) => state(`${conf.file}: no <command> runs ${name}`, lineFor(name, examined))),
    ...shadowed(examined),
    ...(examined.dialect === 'ossec' ? withoutAddress(examined) : []),
  ];
  return orOk(wrong, ours.map(({ name, executable }) => `${name} runs ${executable}`).join(', '));
};

/** A second <command> of a name is never run. */
function shadowed({ conf }: Examination): Judged[] {
  const all = commandsIn(conf);
  return all.flatMap(({ name, executable, element }) => {
    const first = all.find((each) => each.name === name);
    if (!SCRIPTS.includes(executable) || first === undefined || first.executable === executable) return [];
    const what = `the <command> ${name} of ${lineOf(element)} is never run`;
    return problem(
      `${conf?.file}: ${what}: the first of that name, ${lineOf(first.element)}, runs ${first.executable}`,
      `give ours a name of its own, riposte-${name}, there and in its <active-response>`,
    );
  });
}

/** OSSEC hands over what <expect> names, and its analysisd does not start when a command has none. */
function withoutAddress({ conf }: Examination): Judged[] {
  const ours = commandsIn(conf).filter(({ executable }) => SCRIPTS.includes(executable));
  return ours.flatMap(({ name, element }) =>
    (textOf(element, 'expect') ?? '').split(/[\s,]+/).includes('srcip')
      ? []
      : problem(
          `${conf?.file}: the <command> ${name}, ${lineOf(element)}, expects no srcip: it gets no address`,
          '<expect>srcip</expect>',
        ),
  );
}

function lineFor(script: string, { dialect }: Examination): string {
  const name = script.replace('.js', '');
  const expect = dialect === 'ossec' ? '<expect>srcip</expect>' : '';
  const stock = dialect === 'wazuh' || name === 'firewall-drop' ? 'riposte-' : '';
  const inside = `<name>${stock}${name}</name><executable>${script}</executable>${expect}`;
  return `riposte install, or <command>${inside}<timeout_allowed>yes</timeout_allowed></command>`;
}
