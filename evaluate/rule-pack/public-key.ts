/** The key by which this program's project signs its packs of rules. Nobody has the private one in a repository. */
export const PROJECT_KEY = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEABWOcUGHm9bOX8JAk7GMOvypiWk/qrHsh70iT/eigE1Y=
-----END PUBLIC KEY-----
`;
