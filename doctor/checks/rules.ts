import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Home } from '../../active-response/home.ts';
import type { Element } from '../../engine/xml/element.ts';
import { clusterRoleIn } from '../../install/manager/cluster.ts';
import { type Conf, lineOf, sections } from '../conf.ts';
import type { Examination } from '../examination.ts';
import { type Judged, orOk, problem } from '../finding.ts';
import { rulesLoaded } from '../loaded.ts';
import { neededRules } from '../our-rules.ts';
import type { Check } from './check.ts';

/** Checks that the manager loads Riposte's rules. */
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
        `${conf.file} includes ${file}, which does not exist`,
        `${basename(file).startsWith('riposte_') ? 'riposte install' : 'restore the file'}, or remove its line`,
      ),
    ),
    ...notLoaded(notNamed, examined),
  ];
  const loaded = files.filter((file) => basename(file).startsWith('riposte_'));
  return orOk(wrong, `${loaded.length} files of Riposte’s rules are loaded`);
};

/** The command that installs the rules and decoders; a worker of a cluster gets them from its master. */
export const installCommand = (home: Home, conf: Conf | undefined): string =>
  clusterRoleIn(conf?.elements ?? []) === 'worker'
    ? 'riposte install on the master of the cluster'
    : `riposte install --home ${home.root}`;

/** Findings about rule files that ossec.conf does not name: one finding for each reason. */
function notLoaded(names: readonly string[], { conf, dialect, home }: Examination): Judged[] {
  const directory = join(home.root, dialect === 'ossec' ? 'rules' : 'etc/rules');
  const gone = names.filter((name) => !existsSync(join(directory, name)));
  const here = names.filter((name) => !gone.includes(name));
  const overwritten = sections(conf, 'rules').find(({ children }) =>
    children.some((child) => here.includes(child.text.trim())),
  );
  return [
    ...(gone.length > 0
      ? [problem(`${directory} has no ${gone.join(', ')}`, installCommand(home, conf))]
      : []),
    ...(here.length > 0 ? [notIncluded(here, overwritten)] : []),
  ];

  function notIncluded(those: readonly string[], section: Element | undefined): Judged {
    const list = those.join(', ');
    if (dialect === 'wazuh')
      return problem(
        `${conf?.file} does not load ${list}`,
        'write <rule_dir>etc/rules</rule_dir> into its <ruleset>',
      );
    if (section === undefined)
      return problem(
        `${conf?.file} does not include ${list}`,
        `write ${those.map((name) => `<include>${name}</include>`).join(' ')} into <rules>, after the other files`,
      );
    const why = `a later <rules> replaces the section of ${lineOf(section)}, which includes ${list}`;
    return problem(`${conf?.file}: ${why}`, 'put all <include> into the last <rules> section');
  }
}
