import { RESPONSES } from '../../active-response/response/responses.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { bashCompletion } from '../completion/bash.ts';
import { zshCompletion } from '../completion/zsh.ts';
import type { Verb } from '../verb.ts';

/** riposte completion: prints a shell's completion script. @param allVerbs loads the verbs to complete */
export const completion = (allVerbs: () => Promise<Readonly<Record<string, Verb>>>): Verb => ({
  summary: 'print a completion script for a shell',
  operands: 'bash|zsh',
  isLasting: true,
  options: {},
  examples: [
    ['source <(riposte completion bash)', 'complete in this shell'],
    ['riposte completion zsh > /usr/local/share/zsh/site-functions/_riposte', 'complete in every zsh'],
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
});

const SHELLS: Readonly<Record<string, typeof bashCompletion>> = { bash: bashCompletion, zsh: zshCompletion };
