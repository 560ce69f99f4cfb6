import type { Response } from '../active-response/request-context.ts';
import { RESPONSES } from '../active-response/response/responses.ts';
import type { Element } from '../engine/xml/element.ts';
import { type Conf, sections, textOf } from './conf.ts';

/** A `<command>`. */
export interface CommandEntry {
  readonly element: Element;
  readonly name: string;
  readonly executable: string;
}

/**
 * An `<active-response>` that names a command; other elements of this name hold only `<disabled>` or
 * `<repeated_offenders>`.
 */
export interface ResponseEntry {
  readonly element: Element;
  readonly command: string;
  /** The `<command>` that runs: the first of that name; undefined if there is none. */
  readonly runs: CommandEntry | undefined;
  readonly isDisabled: boolean;
  /** In seconds; 0 if the block is never undone. */
  readonly timeout: number;
}

/** The file names of Riposte's scripts. */
export const SCRIPTS: readonly string[] = RESPONSES.map(({ name }) => `${name}.js`);

export function commandsIn(conf: Conf | undefined): CommandEntry[] {
  return sections(conf, 'command').map((element) => ({
    element,
    name: textOf(element, 'name') ?? '',
    executable: textOf(element, 'executable') ?? '',
  }));
}

export function responsesIn(conf: Conf | undefined): ResponseEntry[] {
  const commands = commandsIn(conf);
  return sections(conf, 'active-response').flatMap((element) => {
    const command = textOf(element, 'command');
    if (command === undefined) return [];
    return {
      element,
      command,
      runs: commands.find(({ name }) => name === command),
      isDisabled: textOf(element, 'disabled') === 'yes',
      timeout: Number.parseInt(textOf(element, 'timeout') ?? '0', 10) || 0,
    };
  });
}

/** True when ossec.conf, or the list of responses that the manager sends, asks for this response. */
export const isAskedFor = (
  { name }: Pick<Response, 'name'>,
  { conf, arConf }: { readonly conf: Conf | undefined; readonly arConf: string | undefined },
): boolean =>
  ourResponses(conf).some(({ runs, isDisabled }) => runs?.executable === `${name}.js` && !isDisabled) ||
  (arConf ?? '').includes(` - ${name}.js - `);

/** The responses that run one of Riposte's scripts. */
export const ourResponses = (conf: Conf | undefined): ResponseEntry[] =>
  responsesIn(conf).filter(({ runs }) => runs !== undefined && SCRIPTS.includes(runs.executable));
