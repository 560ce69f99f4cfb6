import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RESPONSES } from '../active-response/response/responses.ts';
import { bashCompletion } from '../cli/completion/bash.ts';
import { zshCompletion } from '../cli/completion/zsh.ts';
import { allVerbs } from '../cli/verbs/verbs.ts';

/** Writes outdir/completion/bash and zsh for `riposte install`, so that install need not load every verb. */
export async function writeCompletion(outdir: string): Promise<void> {
  const verbs = await allVerbs();
  const responses = RESPONSES.map(({ name }) => name);
  const directory = join(outdir, 'completion');
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'bash'), bashCompletion(verbs, responses));
  await writeFile(join(directory, 'zsh'), zshCompletion(verbs, responses));
}
