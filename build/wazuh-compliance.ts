/**
 * MITRE ATT&CK techniques and compliance groups, as Wazuh's own ruleset gives them to rules of the same purpose
 * (0245-web_rules.xml, 0250-apache_rules.xml, 0260-nginx_rules.xml). OSSEC does not know <mitre>.
 */
interface Compliance {
  readonly mitre: readonly string[];
  readonly groups: readonly string[];
}

const COMMON = [
  ...['pci_dss_11.4', 'gdpr_IV_35.7.d', 'nist_800_53_SI.4'],
  ...['tsc_CC6.1', 'tsc_CC6.8', 'tsc_CC7.2', 'tsc_CC7.3'],
];

/** Attacks on a web application. */
const WEB = ['pci_dss_6.5', ...COMMON, 'nist_800_53_SA.11', 'tsc_CC6.6', 'tsc_CC7.1', 'tsc_CC8.1'];

const SCAN: Compliance = { mitre: ['T1595.002'], groups: WEB };
const EXPLOIT: Compliance = { mitre: ['T1190'], groups: WEB };
const PROXY: Compliance = { mitre: ['T1090'], groups: COMMON };
const FLOOD: Compliance = { mitre: ['T1498'], groups: COMMON };
const DENIED: Compliance = { mitre: ['T1190'], groups: COMMON };
const LOGINS: Compliance = {
  mitre: ['T1110'],
  groups: [
    ...['pci_dss_10.2.4', 'pci_dss_10.2.5', 'gdpr_IV_32.2', 'hipaa_164.312.b'],
    ...['nist_800_53_AU.14', 'nist_800_53_AC.7', ...COMMON],
  ],
};

/** By the first and last id of a range. Rules that raise no alert need no entry. */
const RANGES: readonly (readonly [first: number, last: number, Compliance])[] = [
  [117010, 117011, SCAN],
  [117012, 117015, DENIED],
  [117016, 117016, SCAN],
  [117017, 117017, DENIED],
  [117020, 117022, PROXY],
  [117030, 117035, FLOOD],
  [117040, 117054, SCAN],
  [117055, 117058, EXPLOIT],
  [117060, 117061, SCAN],
  [117062, 117062, EXPLOIT],
  [117071, 117079, SCAN],
  [117081, 117081, SCAN],
  [117082, 117082, EXPLOIT],
  [117090, 117090, LOGINS],
  [117130, 117159, SCAN],
];

/** Adds technique and groups to the rules of a file. */
export const withCompliance = (xml: string): string =>
  xml.replace(
    /<rule id="(\d+)" level="(\d+)"([^>]*)>([\s\S]*?)(\n? *)<\/rule>/g,
    (rule, id, level, more, inside, end) => {
      const found = RANGES.find(([first, last]) => first <= Number(id) && Number(id) <= last)?.[2];
      if (found === undefined || level === '0' || more.includes('noalert')) return rule;
      return `<rule id="${id}" level="${level}"${more}>${withElements(inside, found)}${end}</rule>`;
    },
  );

function withElements(inside: string, { mitre, groups }: Compliance): string {
  const added = `${groups.join(',')},`;
  const ids = mitre.map((id) => `<id>${id}</id>`).join('');
  const hasGroup = inside.includes('<group>');
  const grouped = hasGroup
    ? inside.replace(/<group>([^<]*?),?<\/group>/, `<group>$1,${added}</group>`)
    : `${inside}\n    <group>${added}</group>`;
  return `${grouped}\n    <mitre>${ids}</mitre>`;
}
