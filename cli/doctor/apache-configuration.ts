import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A file of Apache's configuration that is in force. */
export interface ApacheFile {
  readonly file: string;
  /** Without comments. */
  readonly text: string;
}

/** Where Debian and Red Hat have what Apache reads: files, and directories of files. */
const PLACES = {
  'etc/apache2': ['apache2.conf', 'mods-enabled', 'conf-enabled', 'sites-enabled'],
  'etc/httpd': ['conf/httpd.conf', 'conf.modules.d', 'conf.d'],
};

/** Apache's configuration below `root`; empty where there is none, or where it lies elsewhere. */
export function apacheConfiguration(root: string): ApacheFile[] {
  const paths = Object.entries(PLACES).flatMap(([base, names]) =>
    names.map((name) => join(root, base, name)),
  );
  return paths.flatMap(filesAt).map((file) => ({
    file,
    text: readFileSync(file, 'latin1').replace(/^\s*#.*/gm, ''),
  }));
}

/** The first line of each virtual host without `RewriteEngine On`, to which Apache does not pass our rules on. */
export function hostsWithoutRewriting({ file, text }: ApacheFile): string[] {
  return [...text.matchAll(/^[ \t]*<VirtualHost\b.*?<\/VirtualHost>/gims)].flatMap((match) => {
    if (/^\s*RewriteEngine\s+on\b/im.test(match[0])) return [];
    return `${file}:${text.slice(0, match.index).split('\n').length}`;
  });
}

/** A link of sites-enabled may lead nowhere. */
function filesAt(path: string): string[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  const inside = readdirSync(path)
    .sort()
    .map((name) => join(path, name));
  return inside.filter((file) => existsSync(file) && statSync(file).isFile());
}
