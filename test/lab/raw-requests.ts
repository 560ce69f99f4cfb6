import type { Host } from './host.ts';

/** A request as it goes over the wire. */
export interface RawRequest {
  /** The client's address. The host must have this address, or a local route to a prefix that contains it. */
  readonly from: string;
  readonly to: string;
  readonly port: number;
  /** In base64. */
  readonly bytes: string;
  /** For TLS: the server name that the client sends, any text of up to 255 bytes. */
  readonly serverName?: string;
}

/**
 * Sends requests from a host, each on a connection of its own, and waits until the server has ended every connection.
 *
 * @returns the beginning of each answer, as latin1; empty when there was none
 */
export async function sendRaw(host: Host, requests: readonly RawRequest[]): Promise<string[]> {
  const words = [process.execPath, 'build/run-ts.mjs', 'test/lab/raw-client.ts'];
  const { stdout, stderr, exitCode } = await host.start(words, { input: JSON.stringify(requests) });
  if (exitCode !== 0) throw new Error(`the requests could not be sent: ${stderr}`);
  return JSON.parse(stdout);
}
