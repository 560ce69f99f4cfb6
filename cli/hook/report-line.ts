/** How many characters of each variable are told: JSON makes at most six bytes of one, and 4,096 are the limit. */
const FIELDS = {
  method: ['REQUEST_METHOD', 32],
  uri: ['REQUEST_URI', 300],
  id: ['UNIQUE_ID', 64],
  rule: ['RIPOSTE_RULE', 10],
  message: ['RIPOSTE_MESSAGE', 200],
} as const;

/**
 * The line that reports a request to the server, from the CGI variables that ModSecurity sets. REMOTE_ADDR is
 * the client that mod_remoteip has found, where that is in use; no header that a client can send is looked at.
 */
export function reportLine(env: NodeJS.ProcessEnv): string {
  const fields = Object.entries(FIELDS).map(([name, [variable, length]]) => [
    name,
    env[variable]?.slice(0, length) || undefined,
  ]);
  return `${JSON.stringify({ verb: 'report', address: env.REMOTE_ADDR, ...Object.fromEntries(fields) })}\n`;
}
