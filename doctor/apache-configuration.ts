import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readRegular } from '../base/files.ts';

/** A file of Apache's configuration that is in force. */
export interface ApacheFile {
  readonly file: string;
  /** Without comments. */
  readonly text: string;
}

/** Apache's configuration files, and directories of them, on Debian and Red Hat. */
const CONFIGURATIONS = {
  'etc/apache2': ['apache2.conf', 'mods-enabled', 'conf-enabled', 'sites-enabled'],
  'etc/httpd': ['conf/httpd.conf', 'conf.modules.d', 'conf.d'],
};

/** Apache's configuration below `root`; empty if there is none, or if it is elsewhere. */
export function apacheConfiguration(root: string): ApacheFile[] {
  const paths = Object.entries(CONFIGURATIONS).flatMap(([base, names]) =>
    names.map((name) => join(root, base, name)),
  );
  return paths.flatMap(filesAt).map((file) => ({
    file,
    text: readRegular(file, { followsLinks: true })
      .toString('latin1')
      .replace(/^\s*#.*/gm, ''),
  }));
}

/** The first line of each virtual host without `RewriteEngine On`: such hosts do not inherit Riposte's rewrite rules. */
export function hostsWithoutRewriting({ file, text }: ApacheFile): string[] {
  return [...text.matchAll(/^[ \t]*<VirtualHost\b.*?<\/VirtualHost>/gims)].flatMap((match) => {
    if (/^\s*RewriteEngine\s+on\b/im.test(match[0])) return [];
    return `${file}:${text.slice(0, match.index).split('\n').length}`;
  });
}

/** Skips dangling links, which sites-enabled may contain. */
function filesAt(path: string): string[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  const inside = readdirSync(path)
    .sort()
    .map((name) => join(path, name));
  return inside.filter((file) => existsSync(file) && statSync(file).isFile());
}
