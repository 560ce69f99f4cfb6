import { withoutQuery } from '../../logs/request-path.ts';

/** Images and fonts: mails and other sites' pages load these files without a page of this site. */
const PICTURES =
  'jpg jpeg jpe gif png apng webp avif jxl svg svgz ico cur bmp tif tiff heic woff woff2 ttf otf eot'.split(
    ' ',
  );
/** Files that only a page loads. */
const CODE = 'css js mjs map wasm'.split(' ');
/** Parts of packages, which Maven and similar tools request from each repository in turn; media files; map tiles. */
const PARTS = [
  'pom module asc md5 sha1 sha256 sha512 filez',
  'mp3 mp4 m4a m4v m4s webm ogg ogv oga aac flac wav mov mpd m3u8 ts vtt pbf mvt',
].flatMap((line) => line.split(' '));

/** Archives and dumps. */
const ARCHIVES = 'zip rar 7z tar tgz tbz tbz2 gz bz2 xz zst sql'.split(' ');

/** The kind of a file that pages or programs load. Texts and programs have no kind. */
export type PageFileKind = 'picture' | 'code' | 'part';

/** The length of the longest extension. */
const LONGEST = 6;
const DOT = 0x2e;

/**
 * True for a file that pages or programs load: an image, a style sheet, a script, a font, a video, a map tile, a part of
 * a package.
 *
 * @param target as requested, with or without a query
 */
export const isPageFile = (target: string): boolean => pageFileKind(target) !== undefined;

/** The kind of a page's file by its extension; undefined for any other file. */
export function pageFileKind(target: string): PageFileKind | undefined {
  const kind = fileKind(target);
  return kind === 'archive' ? undefined : kind;
}

/** The kind of a file by its extension; undefined for an extension that is in none of these lists. */
export function fileKind(target: string): PageFileKind | 'archive' | undefined {
  const query = target.indexOf('?');
  const end = query < 0 ? target.length : query;
  let number = 0;
  let scale = 1;
  for (let i = end - 1; i >= 0 && i >= end - LONGEST - 1; i--) {
    const code = target.charCodeAt(i);
    if (code === DOT) return KINDS.get(number);
    const digit = digitOf(code);
    if (digit === 0) return undefined;
    number += digit * scale;
    scale *= RADIX;
  }
  return undefined;
}

/** True for a program that sends a page's styles and scripts, such as those of MediaWiki, Moodle and WordPress. */
export const isLoader = (target: string): boolean => target.includes('.php') && LOADER.test(target);

const LOADER =
  /\/(?:load|load-styles|load-scripts|yui_combo|yui_combo_loader|combine|combo|minify)\.php[/?]|\/theme\/(?:styles|javascript|image|font)\.php\//i;

/**
 * True if servers may run a program for this path although it has a page file's extension: `/a.php/b.css`, `/a;b.css`.
 */
export const isProgramPath = (target: string): boolean => PROGRAM.test(withoutQuery(target));

const PROGRAM =
  /\.(?:php\d?|phtml|aspx?|ashx|asmx|jspx?|jsf|cfm|cgi|pl|py|do|action)(?:[/;%&]|$)|;|%(?:00|0a|23|3b|3f)/i;

const RADIX = 37;

/** Letters of either case and digits are 1 to 36; every other character is 0, and is in no extension. */
function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30 + 1;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a ? lower - 0x61 + 11 : 0;
}

/** Returns an extension as a number, so that a look-up creates no string for each request. */
function numberOf(extension: string): number {
  let number = 0;
  for (let i = 0; i < extension.length; i++) number = number * RADIX + digitOf(extension.charCodeAt(i));
  return number;
}

const KINDS: ReadonlyMap<number, PageFileKind | 'archive'> = new Map([
  ...ARCHIVES.map((extension): [number, 'archive'] => [numberOf(extension), 'archive']),
  ...PICTURES.map((extension): [number, PageFileKind] => [numberOf(extension), 'picture']),
  ...CODE.map((extension): [number, PageFileKind] => [numberOf(extension), 'code']),
  ...PARTS.map((extension): [number, PageFileKind] => [numberOf(extension), 'part']),
]);

/** Files that programs request from every site, whether they exist or not. */
const UNASKED =
  /^\/(?:(?:robots|ads|app-ads|humans|security|llms)\.txt|sitemap[\w.-]*|browserconfig\.xml|(?:site\.)?(?:web)?manifest(?:\.json|\.webmanifest)?|crossdomain\.xml|opensearch\.xml)(?:\?|$)/i;

/** Names that browsers, mail clients, mobile systems, crawlers and certificate authorities request (RFC 8615). */
const WELL_KNOWN_NAMES = [
  'ai-plugin.json apple-app-site-association apple-developer-merchantid-domain-association assetlinks.json',
  'atproto-did autoconfig brave-rewards-verification.txt caldav carddav change-password csvm discord dnt',
  'dnt-policy.txt fido-2fa-configuration fido-configuration gpc.json host-meta host-meta.json jmap jwks.json',
  'keybase.txt mercure microsoft-identity-association.json mta-sts.txt nodeinfo nostr.json ohttp-gateway',
  'oauth-authorization-server oauth-protected-resource openid-configuration openid-federation openpgpkey',
  'passkey-endpoints privacy-sandbox-attestations.json related-website-set.json',
  'resource-that-should-not-exist-whose-status-code-should-not-be-200 security.txt statements.txt',
  'timezone traffic-advice trust.txt void web-identity webfinger webauthn x-nodeinfo2',
]
  .join(' ')
  .replaceAll('.', String.raw`\.`)
  .replaceAll(' ', '|');

const WELL_KNOWN = new RegExp(
  String.raw`^/\.well-known/(?:(?:${WELL_KNOWN_NAMES})(?:/[\w@/-]{0,80})?|(?:acme-challenge|est|openpgpkey)/[\w/-]{0,120}|pki-validation/[\w-]{1,80}\.txt|appspecific/[\w.-]{1,80}\.json|matrix/\w{1,20}|nodeinfo/[\d.]{1,5}|terraform\.json)/?(?:\?|$)`,
);

/** Before a client pushes a container image, it asks the registry for each layer that the registry may already have. */
const LAYER = /^\/v2\/[^?]*\/(?:blobs|manifests)\/sha256:[0-9a-f]{64}$/;

/** `go` asks each proxy for each module. The name of a module begins with a host. */
const GO_MODULE =
  /^\/(?:[\w-]{1,40}\/){0,3}[\w-]+(?:\.[\w-]+)*\.[a-z]{2,20}\/[^?]*\/@(?:v\/(?:list|v[\w.+-]{1,80}\.(?:info|mod|zip))|latest)$/;

/** True for a file that browsers, crawlers and clients of registries request whether it exists or not. */
export const isUnasked = (target: string): boolean =>
  UNASKED.test(target) || WELL_KNOWN.test(target) || LAYER.test(target) || isGoModule(target);

const isGoModule = (target: string): boolean =>
  GO_MODULE.test(target) && !target.includes('/.') && !isProgramPath(target);

/** True if `go` looks for the repository of an import. Servers ignore the query, so a scanner can add it to any path. */
export const isGoImport = (target: string): boolean => target.endsWith('?go-get=1');

/**
 * True for a file that file managers look for in each folder of a share: `._` files and .DS_Store of macOS, desktop.ini
 * of Windows, .git of their extensions.
 */
export const isInEachFolder = (target: string): boolean => IN_EACH_FOLDER.test(target);

const IN_EACH_FOLDER =
  /\/(?:\._[^/?]*|\.(?:ds_store|hidden|localized|directory|metadata_never_index\w*|ql_disablethumbnails|spotlight-v100|trashes|trash)|desktop\.ini|autorun\.inf|thumbs\.db|folder\.(?:jpg|gif)|\.(?:git|svn|hg))\/?(?:\?|$)/i;
