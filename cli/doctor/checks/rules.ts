import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Element } from '../../../engine/xml/element.ts';
import { lineOf, sections } from '../conf.ts';
import type { Examination } from '../examination.ts';
import { type Judged, orOk, problem } from '../finding.ts';
import { rulesLoaded } from '../loaded.ts';
import { neededRules } from '../our-rules.ts';
import type { Check } from './check.ts';

/** Our rules are loaded. */
export const rules: Check = (examined) => {
  const { decides, conf } = examined;
  if (!decides || conf === undefined) return [];
  const { files, missing } = rulesLoaded(examined);
  const wanted = neededRules(examined.dialect);
  const absent = wanted.filter((name) => !files.some((file) => basename(file) === name));
  const notNamed = absent.filter((name) => !missing.some((file) => basename(file) === name));
  const wrong: Judged[] = [
    ...missing.map((file) =>
      problem(
        `${conf.file} includes ${file}, which is not there`,
        `${basename(file).startsWith('riposte_') ? 'riposte install' : 'put it there'}, or take its line out`,
      ),
    ),
    ...notLoaded(notNamed, examined),
  ];
  return orOk(wrong, `${wanted.length} files of our rules are loaded`);
};

/** Those whose files are there or not, and are not named, told together where the reason is the same. */
function notLoaded(names: readonly string[], { conf, dialect, home }: Examination): Judged[] {
  const directory = join(home.root, dialect === 'ossec' ? 'rules' : 'etc/rules');
  const gone = names.filter((name) => !existsSync(join(directory, name)));
  const here = names.filter((name) => !gone.includes(name));
  const overwritten = sections(conf, 'rules').find(({ children }) =>
    children.some((child) => here.includes(child.text.trim())),
  );
  return [
    ...(gone.length > 0
      ? [problem(`${directory} has no ${gone.join(', ')}`, `riposte install --home ${home.root}`)]
      : []),
    ...(here.length > 0 ? [notIncluded(here, overwritten)] : []),
  ];

  function notIncluded(those: readonly string[], section: Element | undefined): Judged {
    const list = those.join(', ');
    if (dialect === 'wazuh')
      return problem(
        `${conf?.file} does not load ${list}`,
        '<rule_dir>etc/rules</rule_dir> in its <ruleset>',
      );
    if (section === undefined)
      return problem(
        `${conf?.file} does not include ${list}`,
        `${those.map((name) => `<include>${name}</include>`).join(' ')} in <rules>, behind the others`,
      );
    const why = `a later <rules> takes the place of that of ${lineOf(section)}, which includes ${list}`;
    return problem(`${conf?.file}: ${why}`, 'put all <include> into the last <rules> section');
  }
}
