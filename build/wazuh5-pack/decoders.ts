import type { Resource } from '../../install/wazuh5/pack.ts';
import type { Json } from '../../install/wazuh5/yaml.ts';
import { AUTHOR, REFERENCES } from './marks.ts';
import { OUTCOMES } from './own-rules.ts';
import { decodingOf, quoted } from './percent-decoding.ts';

/** A decoder of Wazuh 5's engine, without the id that the indexer gives it. */
export type Decoder = Resource & { readonly name: string };

/** Decodes nothing, and lets every event through: only for a policy that has no root decoder yet. */
export const rootDecoder = (): Decoder =>
  decoder('riposte-root', 'lets every event through to the decoders below it', {
    normalize: [{ map: [NOW] }],
  });

/** The decoders for alerts, results of responses, and access logs. They take effect below the policy's root decoder. */
export const decoders = (): Decoder[] => [alertDecoder(), ...responseDecoders(), accessDecoder()];

const decoder = (name: string, purpose: string, stages: Readonly<Record<string, Json>>): Decoder => ({
  name: `decoder/${name}/0`,
  enabled: true,
  metadata: {
    title: `Riposte: ${name}`,
    author: AUTHOR,
    description: `Riposte: ${purpose}.`,
    references: REFERENCES,
    documentation: '',
  },
  ...stages,
});

/** An event without a time cannot be indexed. */
const NOW = { '@timestamp': 'get_date()' };

const ADDRESS = '[0-9a-f.:]+';

/** The alerts of serve/alert-line.ts. In any other log such a line is an attacker's text. */
const alertDecoder = (): Decoder =>
  decoder('riposte-alert', 'alerts of riposte serve', {
    check: [
      { 'wazuh.protocol.location': "ends_with('/riposte-alerts.log')" },
      {
        'event.original': matches(
          `^{"riposte":"alert","srcip":"${ADDRESS}","level":[0-9]{1,2},"rule":[0-9]+,"time":"[0-9TZ:.-]+",`,
        ),
      },
    ],
    normalize: [
      {
        map: [
          NOW,
          { 'event.kind': 'alert' },
          { 'event.dataset': 'riposte-alert' },
          { 'event.category': "array_append('intrusion_detection')" },
          { 'event.action': 'attack' },
          { '_riposte.alert': 'parse_json($event.original)' },
          { 'source.ip': '$_riposte.alert.srcip' },
          { 'event.severity': '$_riposte.alert.level' },
          { 'event.start': '$_riposte.alert.time' },
          { 'rule.id': 'to_string($_riposte.alert.rule)' },
          { 'rule.description': '$_riposte.alert.description' },
          { 'log.file.path': '$_riposte.alert.location' },
          { message: '$_riposte.alert.log' },
        ],
      },
      {
        check: [{ 'event.severity': 'int_greater_or_equal(12)' }],
        map: [{ 'event.action': 'severe-attack' }],
      },
    ],
  });

const ANY_OUTCOME = OUTCOMES.join('|');

/**
 * The two forms of active-response/record/active-responses-log.ts: for requests of a manager, and for other requests.
 */
const responseDecoders = (): Decoder[] => [
  decoder('riposte-response', 'results of responses that Wazuh has started', {
    check: [
      IN_RESPONSES_LOG,
      {
        'event.original': matches(
          `^[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9:]{8} active-response/bin/[^ :]+: {"version":1,.*"riposte":{"outcome":"(?:${ANY_OUTCOME})","reason":"(?:[^"\\\\]|\\\\.)*"}}$`,
        ),
      },
    ],
    'parse|event.original': [
      '<_riposte.date> <_riposte.clock> active-response/bin/<process.name>: <_riposte.text>',
    ],
    normalize: [
      {
        map: [
          ...RESPONSE,
          { '_riposte.result': 'parse_json($_riposte.text)' },
          { 'event.action': '$_riposte.result.riposte.outcome' },
          { 'event.reason': '$_riposte.result.riposte.reason' },
          { 'source.ip': '$_riposte.result.parameters.alert.data.srcip' },
          { 'user.name': '$_riposte.result.parameters.alert.data.dstuser' },
          { 'rule.id': '$_riposte.result.parameters.alert.rule.id' },
        ],
      },
      FAILED,
    ],
  }),
  decoder('riposte-block', 'results of blocks by riposte serve or by hand', {
    check: [
      IN_RESPONSES_LOG,
      {
        'event.original': matches(
          `^[A-Z][^/]{1,60} /[^ ]*/active-response/bin/[^ ]+ ${words(5)} (?:${ANY_OUTCOME}): `,
        ),
      },
    ],
    normalize: [
      {
        map: [
          ...RESPONSE,
          { 'process.executable': extract('^[^/]*? (/[^ ]*/active-response/bin/[^ ]+) ') },
          { 'event.action': extract(`/active-response/bin/[^ ]+ ${words(5)} (${ANY_OUTCOME}): `) },
          { 'event.reason': extract(`/active-response/bin/[^ ]+ ${words(5)} (?:${ANY_OUTCOME}): (.*)`) },
          { 'source.ip': extract(`/active-response/bin/[^ ]+ [a-z-]+ [^ ]+ (${ADDRESS}) `) },
        ],
      },
      FAILED,
    ],
  }),
];

const IN_RESPONSES_LOG = { 'wazuh.protocol.location': "ends_with('/active-responses.log')" };

const RESPONSE: readonly Json[] = [
  NOW,
  { 'event.kind': 'event' },
  { 'event.dataset': 'riposte-response' },
  { 'event.category': "array_append('intrusion_detection')" },
  { 'event.outcome': 'success' },
];

const FAILED = {
  check: '$event.action == failed OR $event.action == refused OR $event.action == held',
  map: [{ 'event.outcome': 'failure' }],
};

/**
 * A word that cannot be an address, even with signs around it: it contains a character that no address has, or a letter
 * but no colon, or no colon and not exactly three dots. If a later word is an address, the line has another format,
 * such as one with X-Forwarded-For in front, and the client may have written the first word. Neither server writes a
 * bare quote within a client's text, so these words end before the request.
 */
const NO_ADDRESS = [
  '[^ ]*[^\\[\\] 0-9A-Fa-f.:,;()"][^ ]*',
  '[^ :]*[A-Fa-f][^ :]*',
  '[^ .:]*(?:\\.[^ .:]*){0,2}',
  '[^ .:]*(?:\\.[^ .:]*){4,}',
].join('|');

/** Apache's and nginx's common and combined formats. The address is the first word, which the server writes. */
const accessDecoder = (): Decoder =>
  decoder('riposte-access', 'access logs in the common and the combined format, URLs decoded in lower case', {
    check: [
      { 'wazuh.protocol.location': matches('access[^/]*$') },
      {
        'event.original': matches(
          `^[0-9A-Fa-f.:]+(?: (?:${NO_ADDRESS})){2,} \\[[^\\]\\[ ]+ [-+][0-9]{4}\\] "`,
        ),
      },
    ],
    'parse|event.original': [`${COMMON} <_riposte.referrer/quoted> <_riposte.agent/quoted>(? <~>)`, COMMON],
    normalize: [
      {
        map: [
          NOW,
          { 'event.kind': 'event' },
          { 'event.dataset': 'riposte-access' },
          { 'event.category': "array_append('web')" },
          { 'event.type': "array_append('access')" },
          { 'event.action': 'http-request' },
          { 'http.request.referrer': 'downcase($_riposte.referrer)' },
          { 'user_agent.original': 'downcase($_riposte.agent)' },
        ],
      },
      {
        'parse|_riposte.request': [
          '<http.request.method> <url.original> HTTP/<http.version>',
          '<http.request.method> <url.original>',
        ],
        map: [{ '_riposte.target': 'downcase($url.original)' }],
      },
      { 'parse|_riposte.target': ['<url.path>\\?<url.query>', '<url.path>\\?', '<url.path>'] },
      ...decodingOf('url.path'),
      ...decodingOf('url.query'),
      {
        map: [{ 'url.path': "replace('//', '/')" }, { 'url.path': "replace('//', '/')" }],
      },
      { check: [{ 'url.path': "string_not_equal('/')" }], map: [{ 'url.path': "trim('end', '/')" }] },
      {
        check: "$http.request.method == GET AND starts_with($http.request.referrer, 'http')",
        map: [{ 'event.action': 'linked-http-request' }],
      },
    ],
  });

const COMMON =
  '<source.ip> <_riposte.ident> <_riposte.user> [<event.start/HTTPDATE>] <_riposte.request/quoted> <http.response.status_code> <_riposte.size>';

/** Matches in the syntax of RE2. */
const matches = (expression: string): string => `regex_match(${quoted(expression)})`;

const extract = (expression: string): string => `regex_extract($event.original, ${quoted(expression)})`;

const words = (count: number): string => Array(count).fill('[^ ]+').join(' ');
