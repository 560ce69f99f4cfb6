import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { OSSEC_AGENT, OSSEC_SERVER, WAZUH_AGENT, WAZUH_SERVER } from './manager-conf.ts';

/** The kind of installation that a tree resembles. */
export type TreeKind = keyof typeof KINDS;

/** The group of a manager's files in the test trees: `daemon`, which every system has. */
export const GROUP = 1;

/**
 * A directory like the root of a host with a manager in /var/ossec. It holds the manager's directories with their
 * modes, the manager's configuration, and stand-ins for the programs that identify the manager or check the
 * configuration.
 */
export class ManagerTree {
  private constructor(
    readonly root: string,
    readonly home: string,
  ) {}

  /** @param conf ossec.conf, if not the usual file of this kind */
  static async create(kind: TreeKind, conf: string = KINDS[kind].conf): Promise<ManagerTree> {
    const { programs, directories, version, checker } = KINDS[kind];
    const root = await mkdtemp(join(tmpdir(), 'riposte-root-'));
    await chmod(root, 0o755);
    const tree = new ManagerTree(root, join(root, HOME[kind] ?? 'var/ossec'));
    for (const directory of ['active-response/bin', 'bin', 'etc/shared', 'logs', 'var/run', ...directories])
      await tree.directory(directory, 0o770);
    for (const directory of ['active-response', 'active-response/bin'])
      await tree.directory(directory, 0o550);
    for (const program of programs) await tree.program(program, '#!/bin/sh\nexit 0\n');
    for (const program of checker) await tree.program(program, CHECKER);
    const control = kind.startsWith('ossec') ? 'ossec-control' : 'wazuh-control';
    await tree.program(control, `#!/bin/sh\nVERSION="v${version}"\nexit 0\n`);
    await tree.write('etc/ossec.conf', conf);
    await tree.write('etc/shared/ar.conf', 'restart-ossec0 - restart-ossec.sh - 0\n');
    if (kind.startsWith('ossec')) {
      const type = kind.slice('ossec-'.length);
      await tree.write(
        'etc/ossec-init.conf',
        `DIRECTORY="/var/ossec"\nVERSION="v${version}"\nTYPE="${type}"\n`,
      );
    }
    return tree;
  }

  path(path: string): string {
    return join(this.home, path);
  }

  read(path: string): Promise<string> {
    return readFile(this.path(path), 'latin1');
  }

  /** Writes a file as the manager's installer does: owned by root, readable for the group. */
  async write(path: string, text: string, mode = 0o640): Promise<void> {
    await mkdir(dirname(this.path(path)), { recursive: true });
    await writeFile(this.path(path), text, 'latin1');
    await chmod(this.path(path), mode);
    await own(this.path(path));
  }

  private async program(name: string, text: string): Promise<void> {
    await this.write(`bin/${name}`, text, 0o755);
  }

  private async directory(path: string, mode: number): Promise<void> {
    await mkdir(this.path(path), { recursive: true });
    await chmod(this.path(path), mode);
    await own(this.path(path));
  }

  remove(): Promise<void> {
    return rm(this.root, { recursive: true, force: true });
  }
}

async function own(path: string): Promise<void> {
  if (process.getuid?.() === 0) await chown(path, 0, GROUP);
}

/**
 * A stand-in for `ossec-analysisd -t -c FILE`: rewrites ar.conf first, as the real program does; refuses a file with the
 * word BROKEN, included rules that are missing, and an active response whose command is not defined above it; records
 * its arguments.
 */
const CHECKER = `#!/bin/sh
home=$(dirname "$(dirname "$0")")
conf=$home/etc/ossec.conf
echo "$0 $*" >> "$home/checks.log"
while [ $# -gt 0 ]; do [ "$1" = -c ] && conf=$2; shift; done
chmod 640 "$home/etc/shared/ar.conf"
echo "written by the check" > "$home/etc/shared/ar.conf"
chmod 440 "$home/etc/shared/ar.conf"
if grep -q BROKEN "$conf"; then echo "2026/11/20 10:00:00 $(basename "$0"): ERROR: (1226): Error reading XML file" >&2; exit 1; fi
if grep -q DOUBTFUL "$conf"; then echo "2026/11/20 10:00:00 $(basename "$0"): WARNING: (7605): doubtful" >&2; fi
for file in $(sed -n 's:^ *<include>\\(riposte.*\\)</include>:\\1:p' "$conf"); do
  [ -f "$home/rules/$file" ] || { echo "2026/11/20 10:00:00 $(basename "$0"): ERROR: rules/$file not found" >&2; exit 1; }
done
invalid=$(awk '/<active-response>/ { response = 1 } /<\\/active-response>/ { response = 0 }
  match($0, /<name>[^<]+/) { known[substr($0, RSTART + 6, RLENGTH - 6)] = 1 }
  response && match($0, /<command>[^<]+/) { name = substr($0, RSTART + 9, RLENGTH - 9); if (!(name in known)) print name }' "$conf" | head -n 1)
[ -z "$invalid" ] || { echo "2026/11/20 10:00:00 $(basename "$0"): ERROR: (1311): Invalid command '$invalid' in the active response." >&2; exit 1; }
exit 0
`;

const HOME: Partial<Record<TreeKind, string>> = { 'wazuh5-server': 'var/wazuh-manager' };

const KINDS = {
  'ossec-server': {
    conf: OSSEC_SERVER,
    version: '4.2.0',
    programs: ['ossec-remoted', 'ossec-execd', 'ossec-logcollector'],
    checker: ['ossec-analysisd', 'ossec-logtest'],
    directories: ['rules'],
  },
  'ossec-local': {
    conf: OSSEC_SERVER,
    version: '3.7.0',
    programs: ['ossec-remoted', 'ossec-execd', 'ossec-logcollector'],
    checker: ['ossec-analysisd', 'ossec-logtest'],
    directories: ['rules'],
  },
  'ossec-agent': {
    conf: OSSEC_AGENT,
    version: '4.2.0',
    programs: ['ossec-agentd', 'ossec-execd', 'ossec-logcollector'],
    checker: [],
    directories: [],
  },
  'wazuh4-server': {
    conf: WAZUH_SERVER,
    version: '4.14.7',
    programs: ['wazuh-remoted', 'wazuh-execd', 'wazuh-logcollector'],
    checker: ['wazuh-analysisd'],
    directories: ['etc/rules', 'etc/decoders', 'ruleset/rules', 'ruleset/decoders'],
  },
  'wazuh4-agent': {
    conf: WAZUH_AGENT,
    version: '4.14.7',
    programs: ['wazuh-agentd', 'wazuh-execd', 'wazuh-logcollector'],
    checker: [],
    directories: [],
  },
  'wazuh5-agent': {
    conf: WAZUH_AGENT,
    version: '5.0.0',
    programs: ['wazuh-agentd', 'wazuh-execd', 'wazuh-logcollector'],
    checker: [],
    directories: [],
  },
  'wazuh5-server': {
    conf: '',
    version: '5.0.0',
    programs: ['wazuh-manager-analysisd', 'wazuh-manager-remoted'],
    checker: [],
    directories: [],
  },
} as const;
