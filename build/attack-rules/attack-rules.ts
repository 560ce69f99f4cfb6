import type { ReadSignature, SignatureList } from '../../judgement/signatures/read-list.ts';
import type { Signature } from '../../judgement/signatures/signature.ts';
import { Gates, REQUESTS } from './gates.ts';
import { exceptionTokens, PATH_ENDINGS } from './path-tokens.ts';
import { probeRules } from './probe-rules.ts';
import type { Rule } from './rule-xml.ts';
import { merged } from './token-trie.ts';

/**
 * A request that no page of another site can have caused: its method is not GET, or its referer is not the address of a
 * page. A line without quotes, such as squid's, has no referer.
 */
const NOT_LED =
  '^[^"]*+(?!.)|\\] "(?!GET )[^"]|\\] "(?:[^"\\\\]|\\\\.)*+" \\d{3} (?:\\d+|-)(?: "(?!https?://)|\\s*+(?!.))';

/** Rules of these levels come before all stock rules except 31115, and after an administrator's rule of level 0. */
const SEVERE = 12;
const UNMISTAKABLE = 10;

const WEB_SCAN = ['web_scan', 'recon'];
const EXPLOIT = ['attack', 'exploit_attempt'];

/** Products of the list whose paths have had separate rules (117050, 117051) since version 0.1. */
const SCANNERS_PATHS =
  /^(?:scan of 2009|scan for phpMyAdmin|Morfeus|DFind|Nmap|Acunetix|Nessus|Roundcube msgimport)$/;
const SET_UP = /^phpMyAdmin set-up$/;

/** The rules on unmistakable requests and on probes, made from the list of attacks. */
export function attackRules({ signatures, exceptions }: SignatureList): Rule[] {
  const of = (wanted: (signature: Signature) => boolean) =>
    signatures.filter(({ signature }) => wanted(signature));
  const gates = new Gates();
  // The pattern sees only the URL, so it cannot hold an exception for one method.
  const ofAnyMethod = exceptions.filter(({ compiled }) => compiled.method === undefined);
  const excepted = ofAnyMethod.map(({ pattern }) => exceptionTokens(pattern));
  const noException = `^(?!${merged(excepted, PATH_ENDINGS)})`;
  const pathsAt = (level: number) =>
    gates.gate({ level, parents: REQUESTS, elements: [['url_pcre2', noException]] }, `paths, level ${level}`);
  const unmistakable = of(({ class: found }) => found === 'unmistakable');
  const paths = pathsByRule(unmistakable.filter(({ signature }) => signature.kind === 'path'));
  const payloads = unmistakable.filter(({ signature }) => signature.kind === 'payload');
  const everywhere = unmistakable.filter(({ signature }) => signature.kind === 'everywhere');
  const headers = unmistakable.filter(({ signature }) => signature.kind === 'header');
  const isSevere = ({ signature }: ReadSignature) => signature.isSevere;
  const severePaths = { level: SEVERE, parents: [pathsAt(SEVERE)] };
  const otherPaths = { level: UNMISTAKABLE, parents: [pathsAt(UNMISTAKABLE)] };

  const severe = gates.addPaths({ ...severePaths, what: 'exploits that take a server over' }, paths.severe);
  const scanners = gates.addPaths({ ...otherPaths, what: 'scanners’ own paths' }, paths.scanners);
  const setUp = gates.addPaths({ ...otherPaths, what: 'set-up of phpMyAdmin' }, paths.setUp);
  const exploits = gates.addPaths({ ...otherPaths, what: 'exploits' }, paths.exploits);
  const secrets = gates.addPaths({ ...otherPaths, what: 'files that hold secrets' }, paths.secrets, true);
  const severePayloads = [
    ...gates.addPayloads(
      { level: SEVERE, parents: REQUESTS, what: 'payloads that take a server over' },
      payloads.filter(isSevere),
    ),
    ...gates.addTargets(SEVERE, everywhere, 'payloads that count in a search, too'),
  ];
  const otherPayloads = gates.addPayloads(
    { level: UNMISTAKABLE, parents: REQUESTS, what: 'payloads' },
    payloads.filter((payload) => !isSevere(payload)),
  );
  const inHeader = gates.addHeaders(
    SEVERE,
    [...everywhere, ...headers],
    'payloads in referer and user agent',
  );
  const inUrl = [
    ...[...severe, ...scanners, ...setUp, ...exploits, ...secrets],
    ...[...severePayloads, ...otherPayloads],
  ];
  return [
    ...gates.rules,
    final(117050, UNMISTAKABLE, scanners, 'Probe: a path that only scanners ask for.', WEB_SCAN),
    final(117051, UNMISTAKABLE, setUp, 'Probe: set-up script of phpMyAdmin.', WEB_SCAN),
    final(117052, UNMISTAKABLE, exploits, 'Probe: a known hole in a product that is not served here.', [
      ...WEB_SCAN,
      'exploit_attempt',
    ]),
    final(117053, UNMISTAKABLE, secrets, 'Probe: a file that holds secrets.', WEB_SCAN),
    SERVED_SECRET,
    final(117055, UNMISTAKABLE, otherPayloads, 'Command or system file in a URL.', EXPLOIT),
    final(
      117056,
      SEVERE,
      severePayloads,
      'A payload that takes a server over, such as a Log4j lookup.',
      EXPLOIT,
    ),
    final(117057, SEVERE, severe, 'The path of an exploit that takes a server over.', EXPLOIT),
    {
      id: 117058,
      level: SEVERE,
      parents: inHeader,
      elements: [],
      description: 'An exploit in the referer or in the user agent.',
      groups: EXPLOIT,
    },
    ...probeRules({
      paths: of(({ class: found, kind }) => kind === 'path' && found === 'probe'),
      payloads: of(({ class: found, kind }) => kind === 'payload' && found === 'probe'),
      inUrl,
      noException,
    }),
  ];
}

const final = (
  id: number,
  level: number,
  parents: readonly number[],
  description: string,
  groups: readonly string[],
): Rule => ({ id, level, parents, elements: [['pcre2', NOT_LED]], description, groups });

const SERVED_SECRET: Rule = {
  id: 117054,
  level: SEVERE,
  parents: [117053],
  elements: [
    ['id_pcre2', '^20[06]'],
    ['options', 'alert_by_email'],
  ],
  description: 'Probe: a file that holds secrets was SERVED.',
  groups: ['web_scan', 'attack'],
  comment: 'It may be a page that answers everything with 200. A person should check nevertheless.',
};

/** The paths of each final rule. */
function pathsByRule(paths: readonly ReadSignature[]) {
  const ruleOf = ({ signature: { isSecret, isSevere, product } }: ReadSignature) => {
    if (isSecret) return 'secrets';
    if (isSevere) return 'severe';
    if (SCANNERS_PATHS.test(product)) return 'scanners';
    return SET_UP.test(product) ? 'setUp' : 'exploits';
  };
  const of = (rule: ReturnType<typeof ruleOf>) => paths.filter((path) => ruleOf(path) === rule);
  return {
    secrets: of('secrets'),
    severe: of('severe'),
    scanners: of('scanners'),
    setUp: of('setUp'),
    exploits: of('exploits'),
  };
}
