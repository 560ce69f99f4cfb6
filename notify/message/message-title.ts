import type { Notice } from './notice.ts';

/** The subject and text of a message. */
export interface Message {
  /** One line. */
  readonly subject: string;
  readonly text: string;
}

/** Describes the alert, in the rule's own words when they are known. */
export const titleOf = ({ description, ruleId, ruleLevel }: Notice): string => {
  const level = ruleLevel === undefined ? '' : ` (level ${ruleLevel})`;
  return `${description ?? (ruleId ? `Rule ${ruleId} fired` : 'Active response')}${level}`;
};
