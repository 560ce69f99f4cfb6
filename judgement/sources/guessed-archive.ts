/** Words in the names of archives that scanners try on every site. */
const WORDS = new Set(
  [
    'all arch archive archives back backup backups bak bck bkp bkup blog code com config copy',
    'data database db dbs drupal dump dumps file files final forum ftp full git home htdocs',
    'html httpdocs httpd joomla local localhost log logs magento mail main',
    'master my mysql net new old org orig origin original php pma portal prestashop prod production',
    'public res reserv reserve restore root save script scripts server shop site sites source sources',
    'sql src ssl stage staging storage sys system temp test themes tmp upl upload uploads',
    'user users vhost vhosts web webroot website websites wordpress wp www wwwdata wwwroot zip',
  ].flatMap((line) => line.split(' ')),
);

/** The file in the site's own folder: its name without the extension, and the extension. */
const FILE = /^\/([\w.-]{1,40}?)\.((?:tar\.|sql\.|zip\.)?[a-z\d]{2,4})$/;

/**
 * The name of an archive that scanners guess on every site: made of general words, single letters and numbers only
 * (`backup-2024.tar.gz`, `2017.zip`, `b.rar`), in the site's own folder. All numbers count as one name, because a
 * student loads `/1.zip` and `/2.zip`.
 *
 * @param target of a file with the extension of an archive
 * @returns the name with `#` for each number; undefined for another archive
 */
export function guessedArchive(target: string): string | undefined {
  const [, name = '', extension = ''] = FILE.exec(target.toLowerCase()) ?? [];
  if (name === '') return undefined;
  const parts = name.split(/[._-]+/).map((part) => part.replace(/^\d{1,14}$/, '#'));
  const isGeneral = parts.every((part) => part.length <= 1 || WORDS.has(part.replace(/\d{1,14}$/, '')));
  return isGeneral ? `${parts.join('-').replace(/\d+/g, '#')}.${extension}` : undefined;
}
