import type { Host } from './host.ts';

/** Stops a server. */
export type Stop = () => Promise<void>;

const SERVER = `
  require('node:http').createServer((_, response) => response.end('a page\\n'))
    .listen(Number(process.argv[1]), '::', () => console.log('ready'));
  process.stdin.on('end', () => process.exit()).resume();
`;

/** Runs a small web server on a port of a host. It also ends with this process. */
export async function startWebServer(host: Host, port = 80): Promise<Stop> {
  const server = host.start([process.execPath, '-e', SERVER, String(port)], { stdin: 'pipe', buffer: false });
  await new Promise<void>((resolve, reject) => {
    server.stdout.once('data', () => resolve());
    server.then(() => reject(new Error('the web server did not start')));
  });
  return async () => {
    server.stdin.end();
    await server;
  };
}
