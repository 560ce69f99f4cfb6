import { RESPONSES } from '../../active-response/response/responses.ts';
import type { Element } from '../../engine/xml/element.ts';
import { type Conf, sections, textOf } from './conf.ts';

/** A `<command>`. */
export interface CommandEntry {
  readonly element: Element;
  readonly name: string;
  readonly executable: string;
}

/** An `<active-response>` that names a command; others hold only `<disabled>` or `<repeated_offenders>`. */
export interface ResponseEntry {
  readonly element: Element;
  readonly command: string;
  /** What that command runs: the first of its name counts. Undefined when there is none. */
  readonly runs: CommandEntry | undefined;
  readonly isDisabled: boolean;
  /** Seconds; 0: it is never undone. */
  readonly timeout: number;
}

/** Our scripts, by their file names. */
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

/** Those that run one of our scripts. */
export const ourResponses = (conf: Conf | undefined): ResponseEntry[] =>
  responsesIn(conf).filter(({ runs }) => runs !== undefined && SCRIPTS.includes(runs.executable));
