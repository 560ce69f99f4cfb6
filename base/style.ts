import { styleText } from 'node:util';
import type { Io } from './io.ts';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

/** True for a terminal, unless its user turned colours off (https://no-color.org). */
export function wantsColours({ isTTY }: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  return isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
}

/** Styles a text if the output shows colours. */
export function styled(style: Style, text: string, { hasColours }: Pick<Io, 'hasColours'>): string {
  // hasColours decides: styleText respects NO_COLOR itself only from Node 22 on.
  return hasColours ? styleText(style, text) : text;
}
