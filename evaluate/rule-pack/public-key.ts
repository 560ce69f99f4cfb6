/**
 * The key that checks the signatures of the project's packs of rules. The publisher of the first release replaces it
 * with the public half of a key of their own (docs/packages.md): nobody has kept the private half of this key.
 */
export const PROJECT_KEY = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEABWOcUGHm9bOX8JAk7GMOvypiWk/qrHsh70iT/eigE1Y=
-----END PUBLIC KEY-----
`;
