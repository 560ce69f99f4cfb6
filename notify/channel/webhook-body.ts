import { EX, RiposteError } from '../../base/errors.ts';
import { readIfThere } from '../../base/files.ts';
import type { Message } from '../message/message-title.ts';
import type { Notice } from '../message/notice.ts';

/** Makes the JSON that a webhook gets for a message about these alerts. */
export type WebhookBody = (message: Message, notices: readonly Notice[]) => unknown;

/** The longest text, in characters. Slack cuts a text at 40,000 characters; other services cut it sooner. */
const LONGEST = 6000;
/** The most alerts of a digest in one body. */
const MOST_ALERTS = 100;
/** The longest template, in bytes. */
const LONGEST_TEMPLATE = 64 * 1024;

/**
 * The body for MAIL_WEBHOOK_BODY: `slack`, `json`, or the path of a template.
 *
 * @throws RiposteError (CONFIG) naming the template that is missing or wrong; (IOERR, NOPERM) for a template that
 * cannot be read
 */
export function webhookBody(setting: string): WebhookBody {
  if (setting === 'slack') return (message) => ({ text: slackText(message) });
  if (setting === 'json') return valuesOf;
  return templateBody(setting);
}

/**
 * Formats a message for Slack. An attacker writes half of the text, so `<`, `>` and `&` (`<!channel>`, links) are
 * escaped. Backquotes are escaped as well, because three of them end a literal block.
 */
export function slackText({ subject, text }: Message): string {
  return `*${escaped(subject.replaceAll('*', '∗'))}*\n\`\`\`\n${escaped(cut(text))}\n\`\`\``;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('`', 'ˋ');

const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

/** The values of a body, by their names in a template. In a digest, the values of a single alert are null. */
function valuesOf({ subject, text }: Message, notices: readonly Notice[]) {
  const [first, ...others] = notices;
  const only = others.length === 0 ? first : undefined;
  return {
    subject,
    text: cut(text),
    host: first?.host ?? null,
    count: notices.length,
    time: first?.time ?? null,
    address: only?.address ?? null,
    rule: only?.ruleId ?? null,
    level: only?.ruleLevel ?? null,
    description: only?.description ?? null,
    location: only?.location ?? null,
    alerts: notices.slice(0, MOST_ALERTS),
  };
}

type Values = ReturnType<typeof valuesOf>;

const NAMES = Object.keys(valuesOf({ subject: '', text: '' }, []));

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;

/**
 * A template is JSON. Its texts may name values as `{{text}}`. The template is parsed before the values are put in, so
 * that no text of an attacker can change its structure.
 */
function templateBody(file: string): WebhookBody {
  const text = readIfThere(file, { longest: LONGEST_TEMPLATE });
  if (text === undefined) throw refusal(file, 'does not exist');
  const template = parsed(file, text);
  for (const [, name = ''] of text.matchAll(PLACEHOLDER)) {
    if (!NAMES.includes(name))
      throw refusal(file, `names {{${name.slice(0, 40)}}}; there are ${NAMES.join(', ')}`);
  }
  return (message, notices) => filled(template, valuesOf(message, notices));
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refusal(file, 'is not JSON');
  }
}

/**
 * Puts the values into all texts. A text that is only one placeholder becomes the value itself, even a number or a
 * list.
 */
function filled(template: unknown, values: Values): unknown {
  if (typeof template === 'string') return filledText(template, values);
  if (Array.isArray(template)) return template.map((each) => filled(each, values));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, filled(value, values)]));
}

function filledText(text: string, values: Values): unknown {
  const [whole, alone] = /^\{\{\s*([^{}]*?)\s*\}\}$/.exec(text) ?? [];
  if (whole !== undefined) return values[alone as keyof Values];
  return text.replace(PLACEHOLDER, (_, name: keyof Values) => {
    const value = values[name];
    return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
  });
}

const refusal = (file: string, why: string): RiposteError =>
  new RiposteError(EX.CONFIG, `MAIL_WEBHOOK_BODY: ${file} ${why}`);
