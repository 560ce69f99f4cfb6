import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { unpacked } from '../../test/lab/unpacked.ts';
import type { Detector } from './detector.ts';
import { timed } from './timed.ts';

const PARSERS = [
  's00-raw/crowdsecurity/syslog-logs',
  's01-parse/crowdsecurity/nginx-logs',
  's02-enrich/crowdsecurity/dateparse-enrich',
  's02-enrich/crowdsecurity/http-logs',
];
const COLLECTIONS = ['base-http-scenarios', 'http-cve'];
/** The port of CrowdSec's own API, on loopback. */
const PORT = 18_787;

/** CrowdSec with the collections that it installs for a web server. It downloads nothing, and reports nothing. */
export const crowdsec: Detector = {
  name: 'CrowdSec',
  find: async (log) => {
    const root = await unpacked('crowdsec');
    if (root === undefined || !existsSync(join(root, 'usr/bin/crowdsec'))) return undefined;
    const home = await mkdtemp(join(tmpdir(), 'riposte-crowdsec-'));
    try {
      await configure(root, home);
      const words = [
        join(root, 'usr/bin/crowdsec'),
        ...['-c', join(home, 'config.yaml'), '-dsn', `file://${log}`, '-type', 'nginx'],
      ];
      const { stdout, stderr, cpu } = await timed(words);
      const found = `${stdout}${stderr}`.matchAll(/msg="Ip (\S+) performed/g);
      return { blocked: new Set([...found].map(([, address = '']) => address)), cpu };
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  },
};

async function configure(root: string, home: string): Promise<void> {
  const share = join(root, 'usr/share/crowdsec');
  const hub = join(share, 'hub');
  const conf = join(root, 'etc/crowdsec');
  for (const name of ['data', 'scenarios', 'notifications', 'parsers'])
    await mkdir(join(home, name), { recursive: true });
  await cp(join(conf, 'patterns'), join(home, 'patterns'), { recursive: true });
  for (const name of ['simulation.yaml', 'profiles.yaml']) await copyFile(join(conf, name), join(home, name));
  for (const parser of PARSERS) {
    const stage = join(home, 'parsers', parser.split('/')[0] ?? '');
    await mkdir(stage, { recursive: true });
    await symlink(join(hub, 'parsers', `${parser}.yaml`), join(stage, `${basename(parser)}.yaml`));
  }
  const texts = await Promise.all(
    COLLECTIONS.map((name) => readFile(join(hub, 'collections/crowdsecurity', `${name}.yaml`), 'utf8')),
  );
  const scenarios = new Set(texts.flatMap((text) => text.match(/(?:crowdsecurity|ltsich)\/[\w-]+/g) ?? []));
  for (const name of scenarios) {
    const file = join(hub, 'scenarios', `${name}.yaml`);
    if (existsSync(file)) await symlink(file, join(home, 'scenarios', `${basename(name)}.yaml`));
  }
  await copyData(join(share, 'data'), join(home, 'data'));
  await writeFile(join(home, 'acquis.yaml'), '');
  await writeFile(join(home, 'config.yaml'), configuration(home, hub));
  const credentials = `url: http://127.0.0.1:${PORT}/\nlogin: bench\npassword: bench-bench\n`;
  await writeFile(join(home, 'credentials.yaml'), credentials);
  await execa(join(root, 'usr/bin/cscli'), [
    ...['-c', join(home, 'config.yaml'), 'machines', 'add', 'bench'],
    ...['--password', 'bench-bench', '-f', '/dev/null'],
  ]);
}

/** Some scenarios name a file `http_x.txt` that the package has as `x.txt`. */
async function copyData(from: string, to: string): Promise<void> {
  for (const name of await readdir(from)) {
    await copyFile(join(from, name), join(to, name));
    await copyFile(join(from, name), join(to, `http_${name}`));
  }
}

const configuration = (home: string, hub: string): string => `
common: {daemonize: false, log_media: stdout, log_level: info, working_dir: .}
config_paths: {config_dir: ${home}/, data_dir: ${home}/data/, simulation_path: ${home}/simulation.yaml, hub_dir: ${hub}/, index_path: ${hub}/.index.json, notification_dir: ${home}/notifications/, plugin_dir: ${home}/notifications/}
crowdsec_service: {acquisition_path: ${home}/acquis.yaml, parser_routines: 1}
cscli: {output: human}
db_config: {type: sqlite, db_path: ${home}/data/crowdsec.db}
api:
  client: {insecure_skip_verify: true, credentials_path: ${home}/credentials.yaml}
  server: {log_level: info, listen_uri: "127.0.0.1:${PORT}", profiles_path: ${home}/profiles.yaml}
prometheus: {enabled: false}
`;
