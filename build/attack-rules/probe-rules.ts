import type { ReadSignature } from '../../judgement/signatures/read-list.ts';
import { FAMILIES, type Family, familiesOfPaths } from './families.ts';
import { Gates, idsFrom, REQUESTS } from './gates.ts';
import type { Rule } from './rule-xml.ts';

/** Excludes attempts to log in, which a site may refuse by itself. */
const NO_LOGIN = '^[^"]*+(?!.)|\\] "(?!POST [^ ?]*(?:wp-login|xmlrpc|administrator))[^"]';

/** Statuses of paths that the site does not serve. A served product must not count against its users. */
const NOT_SERVED = '^4(?:0[0345]|10|44)';

/** Three different probes within ten minutes, as in judgement/sources/probes.ts: the third one fires. */
const THREE = { frequency: 1, timeframe: 600 };

/** Rules of this level come after the stock rules of the same level, which stay in force. */
const PROBE_LEVEL = 6;
/** Higher than the level of any stock rule for the same request. */
const PAYLOAD_LEVEL = 8;

const GATE = 117_129;
const FIRST_PROBE = 117_130;
const FIRST_COUNT = 117_140;
const COUNT_PAYLOADS = 117_148;
const COUNT_LED = 117_149;
/** Further rules of a family whose pattern is too long for one rule. */
const FIRST_FURTHER = 117_150;
const FURTHER = 2;
const LED = 117_060;
const THIRD = 117_061;
const PAYLOAD = 117_062;
const PAYLOAD_GATES = idsFrom(117_164, 6);

/**
 * The only parent of the rules for paths: with several parents, OSSEC would count an event by group once for each place
 * of its rule in the tree. So these rules do not match requests by Wget (31511).
 */
const PARENT = 31100;

const GROUPS = ['web_scan', 'recon'];

/**
 * A percent-encoded letter: programs never encode letters, but attackers hide words in this way. The second byte of a
 * Japanese or Chinese character may look like an encoded letter.
 */
const ENCODED_LETTER =
  '(?:[/=]|[^%\\x26][^\\x26]{2}|%[^89a-f\\x26][^\\x26])%(?:4[1-9a-f]|5[0-9a]|6[1-9a-f]|7[0-9a])';

/** The family in which each path is separate evidence, so that three of its paths count. */
const COUNT_ALONE = 'webshells';

export interface ProbeInput {
  readonly paths: readonly ReadSignature[];
  readonly payloads: readonly ReadSignature[];
  /** The rules that match an unmistakable URL. If a link may have caused the request, it counts only as a probe. */
  readonly inUrl: readonly number[];
  /** Matches paths that are not an exception of the list. */
  readonly noException: string;
}

/** Rules that find probes, one for each family of products, and rules that count three probes of different families. */
export function probeRules({ paths, payloads, inUrl, noException }: ProbeInput): Rule[] {
  const ofPaths = FAMILIES.map((family) => probesOf(family, paths));
  const gates = new Gates(PAYLOAD_GATES);
  const inPayload = gates.addPayloads(
    { level: PAYLOAD_LEVEL, parents: REQUESTS, what: 'payloads that a person may send' },
    payloads,
    [[ENCODED_LETTER]],
  );
  const counting = [
    ...FAMILIES.map((family, index) =>
      counts(FIRST_COUNT + index, ofPaths[index] ?? [], ['if_matched_group', `riposte_not_${family}`]),
    ),
    counts(COUNT_PAYLOADS, [payload(inPayload)], ['if_matched_sid', `${PAYLOAD}`]),
    counts(COUNT_LED, [led(inUrl)], ['if_matched_sid', `${LED}`]),
  ];
  return [
    {
      id: GATE,
      level: PROBE_LEVEL,
      isGate: true,
      parents: [PARENT],
      elements: [
        ['id_pcre2', NOT_SERVED],
        ['pcre2', NO_LOGIN],
        ['url_pcre2', noException],
      ],
      description: 'Riposte: paths that are not served, grouped.',
    },
    ...ofPaths.flat(),
    ...gates.rules,
    payload(inPayload),
    led(inUrl),
    ...counting,
    {
      id: THIRD,
      level: 10,
      parents: counting.map(({ id }) => id),
      elements: [],
      description: 'Probes: three different ones from one source.',
      groups: GROUPS,
    },
  ];
}

function probesOf(family: Family, paths: readonly ReadSignature[]): Rule[] {
  const families = familiesOfPaths();
  const own = paths.filter(({ signature }) => families.get(signature.pattern) === family);
  const index = FAMILIES.indexOf(family);
  const gates = new Gates([FIRST_PROBE + index, ...idsFrom(FIRST_FURTHER + FURTHER * index, FURTHER)]);
  gates.addPaths({ level: PROBE_LEVEL, parents: [GATE], what: family }, own);
  return gates.rules.map((rule) => ({
    ...rule,
    isGate: false,
    description: `Probe: a product that is not served here (${family}).`,
    groups: [...GROUPS, ...groupsOf(family)],
  }));
}

/** A payload outside of a search, with any status. */
const payload = (parents: readonly number[]): Rule => ({
  id: PAYLOAD,
  level: PAYLOAD_LEVEL,
  parents,
  elements: [],
  description: 'Probe: a payload in a URL.',
  groups: ['attack'],
});

/** An unmistakable URL with a page's address as referer. */
const led = (inUrl: readonly number[]): Rule => ({
  id: LED,
  level: PAYLOAD_LEVEL,
  parents: inUrl,
  elements: [],
  description: 'Probe: an attack’s URL, which another site’s page may have caused.',
  groups: GROUPS,
});

/**
 * Counts at level 9, as the rules for bursts do. A rule that fires marks events with its own level, and the stock rules
 * of level 10 stop counting at a mark of level 10.
 */
const counts = (id: number, rules: readonly Rule[], counted: readonly [string, string]): Rule => ({
  id,
  level: 9,
  counts: THREE,
  parents: rules.map((rule) => rule.id),
  elements: [counted, ['same_source_ip', ''], ['different_url', '']],
  description: 'Probes: three different ones from one source, counted.',
});

/** The groups by which the rules of other families count the probes of this family. */
const groupsOf = (family: Family): string[] =>
  FAMILIES.filter((other) => other !== family || family === COUNT_ALONE).map(
    (other) => `riposte_not_${other}`,
  );
