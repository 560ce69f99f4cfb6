/**
 * The number of characters to send of each variable. JSON needs at most six bytes for a character, and a message has at
 * most 4,096 bytes.
 */
const FIELDS = {
  method: ['REQUEST_METHOD', 32],
  uri: ['REQUEST_URI', 300],
  id: ['UNIQUE_ID', 64],
  rule: ['RIPOSTE_RULE', 10],
  message: ['RIPOSTE_MESSAGE', 200],
} as const;

/**
 * Writes the line that reports a request to the server, from the CGI variables that ModSecurity sets. If mod_remoteip
 * is in use, REMOTE_ADDR is the client that mod_remoteip has found. Headers of the request are not read, because a
 * client could forge them.
 */
export function reportLine(env: NodeJS.ProcessEnv): string {
  const fields = Object.entries(FIELDS).map(([name, [variable, length]]) => [
    name,
    env[variable]?.slice(0, length) || undefined,
  ]);
  return `${JSON.stringify({ verb: 'report', address: env.REMOTE_ADDR, ...Object.fromEntries(fields) })}\n`;
}
