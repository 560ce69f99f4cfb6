import { withoutComments } from '../../active-response/ossec-conf.ts';
import type { Notice } from './notice.ts';

/** An <active-response> of ossec.conf that blocks for an alert. */
export interface Answer {
  readonly command: string;
  /** As in ossec.conf: `local`, `server`, `all`, `defined-agent`, or several of them. */
  readonly location: string;
  readonly agentId: string | undefined;
}

/** The scripts that block nobody. */
const BLOCKS_NOBODY = /^(email-alert\.js|disable-account|restart-ossec|restart-wazuh)/;

/**
 * The responses that ossec.conf configures for the alert's rule or level. Responses to rule groups are not found,
 * because a notice has no groups.
 */
export function answersInConf(
  ossecConf: string | undefined,
  { ruleId, ruleLevel }: Pick<Notice, 'ruleId' | 'ruleLevel'>,
): Answer[] {
  if (ossecConf === undefined) return [];
  const text = withoutComments(ossecConf);
  const silent = new Set(
    sections(text, 'command').flatMap((command) =>
      BLOCKS_NOBODY.test(child(command, 'executable') ?? '') ? (child(command, 'name') ?? []) : [],
    ),
  );
  return sections(text, 'active-response').flatMap((section) => {
    const command = child(section, 'command');
    const rules = (child(section, 'rules_id') ?? '').split(/[\s,]+/);
    const level = Number(child(section, 'level') ?? 0);
    const isMeant =
      (ruleId !== undefined && rules.includes(ruleId)) ||
      (level > 0 && ruleLevel !== undefined && ruleLevel >= level);
    if (command === undefined || silent.has(command) || !isMeant || child(section, 'disabled') === 'yes')
      return [];
    return { command, location: child(section, 'location') ?? '', agentId: child(section, 'agent_id') };
  });
}

/** Describes the hosts on which a manager runs a response, in words; `here` stands for this host. */
export function placesOf({ location, agentId }: Answer, source: string | undefined): readonly string[] {
  const agent = /^\(([^()]+)\) \S+?->/.exec(source ?? '')?.[1];
  return [
    ...(/AS|analysisd|server/.test(location) ? ['here'] : []),
    ...(/all|any/.test(location) ? ['every agent'] : []),
    ...(/defined-agent/.test(location) ? [`agent ${agentId ?? ''}`.trim()] : []),
    ...(/local/.test(location) ? [agent === undefined ? 'here' : `agent ${agent}`] : []),
  ];
}

const sections = (text: string, name: string): string[] =>
  text
    .split(`<${name}>`)
    .slice(1)
    .map((section) => section.split(`</${name}>`, 1)[0] ?? '');

/** The text of the last child with this name. The managers ignore earlier children of this name. */
const child = (section: string, name: string): string | undefined => sections(section, name).at(-1)?.trim();
