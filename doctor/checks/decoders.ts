import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Examination } from '../examination.ts';
import { type Judged, orOk, problem } from '../finding.ts';
import { decodersLoaded } from '../loaded.ts';
import type { Check } from './check.ts';
import { installCommand } from './rules.ts';

const OURS = { ossec: 'riposte_decoders.xml', wazuh: '0000-riposte_decoders.xml' } as const;

/** True for Riposte's decoders. The decoders for servers behind a proxy come before the others. */
const isOurs = (file: string): boolean => /^(0000-)?riposte_/.test(basename(file));

/** Checks that Riposte's decoders are loaded before the stock ones: the first decoder that matches a line counts. */
export const decoders: Check = (examined) => {
  const { decides, conf } = examined;
  if (!decides || conf === undefined) return [];
  const { files, missing } = decodersLoaded(examined);
  const name = OURS[examined.dialect];
  const ours = files.findIndex((file) => basename(file) === name);
  const wrong: Judged[] = [
    ...missing.map((file) =>
      problem(
        `${conf.file} names ${file}, which does not exist`,
        `${basename(file).startsWith('riposte_') ? 'riposte install' : 'restore the file'}, or remove its line`,
      ),
    ),
    ...(ours === -1 && !missing.some((file) => basename(file) === name) ? [notLoaded(examined)] : []),
    ...(files.slice(0, Math.max(0, ours)).every(isOurs) ? [] : [notFirst(examined)]),
    ...forgotten(files, examined),
  ];
  return orOk(wrong, 'Riposte’s decoders are loaded before the others');
};

function notLoaded(examined: Examination): Judged {
  const { conf, home, dialect } = examined;
  const file = join(home.root, dialect === 'ossec' ? 'etc' : 'etc/decoders', OURS[dialect]);
  if (!existsSync(file)) return problem(`there is no ${file}`, installCommand(home, conf));
  return problem(`${conf?.file} does not name ${OURS[dialect]}`, first(examined));
}

function notFirst(examined: Examination): Judged {
  const { conf, home, dialect } = examined;
  if (dialect === 'ossec')
    return problem(
      `${conf?.file} names other decoders before Riposte’s, so they match first`,
      first(examined),
    );
  return problem(
    `a decoder file’s name sorts before ${OURS.wazuh}, so its decoders match first`,
    `give that file in ${home.root}/etc/decoders a name that sorts after 0000-riposte`,
  );
}

const first = ({ dialect }: Examination): string =>
  dialect === 'ossec'
    ? `write <decoder>etc/${OURS.ossec}</decoder> as the first entry of <rules>, and <decoder>etc/decoder.xml</decoder> after it`
    : `write <decoder_include>etc/decoders/${OURS.wazuh}</decoder_include> into <ruleset>`;

/** Finds OSSEC's own decoder files that OSSEC no longer loads, because ossec.conf names other files. */
function forgotten(files: readonly string[], { dialect, home, conf }: Examination): Judged[] {
  if (dialect !== 'ossec') return [];
  return ['etc/decoder.xml', 'etc/local_decoder.xml'].flatMap((path) => {
    const file = join(home.root, path);
    if (!existsSync(file) || files.includes(file)) return [];
    const why = `${conf?.file} names decoders, but not ${path}, so OSSEC does not read that file`;
    return problem(why, `write <decoder>${path}</decoder> into <rules>, after Riposte’s decoders`);
  });
}
