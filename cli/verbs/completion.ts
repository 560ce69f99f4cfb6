import { EX, RiposteError } from '../../active-response/errors.ts';
import { printable } from '../../active-response/printable.ts';
import { RESPONSES } from '../../active-response/response/responses.ts';
import { bashCompletion } from '../completion/bash.ts';
import { zshCompletion } from '../completion/zsh.ts';
import type { Verb } from '../verb.ts';
import { allVerbs } from './verbs.ts';

/** riposte completion: what a shell needs to complete the words of this command. */
export const completion: Verb = {
  summary: 'print what a shell needs to complete this command',
  operands: 'bash|zsh',
  options: {},
  examples: [
    ['source <(riposte completion bash)', 'in this shell'],
    ['riposte completion zsh > /usr/local/share/zsh/site-functions/_riposte', 'in every zsh'],
  ],

  async run(given, io) {
    const [shell = '', another] = given.rest;
    const script = another === undefined && Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
    if (script === undefined)
      throw new RiposteError(
        EX.USAGE,
        `completion is for bash or zsh, not '${printable(given.rest.join(' '), 40)}'`,
      );
    io.out(
      script(
        await allVerbs(),
        RESPONSES.map(({ name }) => name),
      ),
    );
    return EX.OK;
  },
};

const SHELLS: Readonly<Record<string, typeof bashCompletion>> = { bash: bashCompletion, zsh: zshCompletion };
