import { styleText } from 'node:util';
import type { Io } from './verb.ts';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

/** True for a terminal, unless its user wants no colours (https://no-color.org). */
export function wantsColours({ isTTY }: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  return isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
}

/** Text in a style, where the reader wants styles. */
export function styled(style: Style, text: string, { hasColours }: Pick<Io, 'hasColours'>): string {
  // The gate is ours: styleText asks about NO_COLOR itself only from Node 22 on.
  return hasColours ? styleText(style, text) : text;
}
