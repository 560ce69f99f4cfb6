import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { temporaryDirectory } from '../active-response/support.ts';

/** A mail that the server has accepted. */
export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** The whole mail, byte for byte as received. */
  readonly text: string;
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
}

/** A fault of the server for one message. */
export type Mood =
  /** Breaks the connection when the message begins to arrive. */
  | 'drops in the middle'
  /** Accepts the message, and breaks the connection before its reply. */
  | 'drops before it answers'
  /** A reply such as `451 4.3.0 come again`, at the end of DATA. */
  | { readonly answer: string }
  /** Accepts the message, and replies this many milliseconds later. */
  | { readonly slow: number };

/** A real SMTP server on a port of its own, with configurable faults. */
export class MailServer {
  readonly mails: Mail[] = [];
  /** The faults for the next messages, one each; later messages are accepted. */
  moods: Mood[] = [];
  /** Replies to RCPT TO, by address. */
  readonly refusals = new Map<string, string>();
  /** The number of messages that were begun. */
  tries = 0;

  private constructor(
    private server: SMTPServer,
    readonly port: number,
  ) {}

  /** @param login the accepted login; without it no login is needed @param port default: any free port */
  static async create({
    login,
    port,
    ...more
  }: SMTPServerOptions & {
    login?: { user: string; password: string };
    port?: number;
  } = {}): Promise<MailServer> {
    const server: SMTPServer = new SMTPServer({
      logger: false,
      disabledCommands: [...(login ? [] : ['AUTH']), ...(more.cert ? [] : ['STARTTLS'])],
      authOptional: login === undefined,
      ...more,
      onAuth: ({ username, password }, _session, done) =>
        username === login?.user && password === login?.password
          ? done(null, { user: username })
          : done(new Error('wrong name or password')),
      onRcptTo: ({ address }, _session, done) => done(answerOf(self.refusals.get(address))),
      onData: (stream, session, done) => {
        const mood = self.moods[self.tries++];
        const chunks: Buffer[] = [];
        if (mood === 'drops in the middle') {
          stream.once('data', () => self.drop(session.id));
          stream.resume();
          return;
        }
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          if (typeof mood === 'object' && 'answer' in mood) return done(answerOf(mood.answer));
          self.mails.push({
            from: session.envelope.mailFrom ? session.envelope.mailFrom.address : '',
            to: session.envelope.rcptTo.map(({ address }) => address),
            text: Buffer.concat(chunks).toString('utf8'),
            isEncrypted: session.secure === true,
            user: typeof session.user === 'string' ? session.user : undefined,
          });
          if (mood === 'drops before it answers') return self.drop(session.id);
          setTimeout(done, typeof mood === 'object' ? mood.slow : 0).unref();
        });
      },
    });
    const self = new MailServer(server, await listen(server, port));
    server.on('error', () => {}); // errors of clients that give up
    return self;
  }

  /** The URL for MAIL_SERVER. */
  url(scheme = 'smtp'): string {
    return `${scheme}://127.0.0.1:${this.port}`;
  }

  /** The Subject of each mail, in its wire encoding. */
  get subjects(): string[] {
    return this.mails.map((mail) => headerOf(mail, 'Subject') ?? '');
  }

  close(): Promise<void> {
    for (const { _socket } of this.connections) _socket.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private drop(id: string): void {
    for (const connection of this.connections) if (connection.id === id) connection._socket.destroy();
  }

  private get connections(): { id: string; _socket: Socket }[] {
    return [...(this.server as unknown as { connections: Set<{ id: string; _socket: Socket }> }).connections];
  }
}

/** The next port to try. Each process begins at another port, because test files run in parallel. */
let nextPort = 20_000 + (process.pid % 10_000);

/**
 * Listens at this port, or at the next free port. All ports are outside the range from which the kernel takes ports for
 * connections, so no other program gets the port while a test restarts the server.
 *
 * @returns the port
 */
async function listen(server: SMTPServer, port: number | undefined): Promise<number> {
  for (;;) {
    const tried = port ?? nextPort++;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(tried, '127.0.0.1', () => {
          server.removeListener('error', reject);
          resolve();
        });
      });
      return tried;
    } catch (error) {
      if (port !== undefined || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}

/** One header of a mail, with folded lines joined. */
export function headerOf({ text }: Pick<Mail, 'text'>, name: string): string | undefined {
  const head = text.slice(0, text.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');
  return new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1];
}

/** The names of all headers. */
export const headerNames = ({ text }: Pick<Mail, 'text'>): string[] =>
  [...text.slice(0, text.indexOf('\r\n\r\n')).matchAll(/^([^\s:]+):/gm)].map(([, name = '']) => name);

/** The decoded text of a mail. */
export function bodyOf(mail: Pick<Mail, 'text'>): string {
  const body = mail.text.slice(mail.text.indexOf('\r\n\r\n') + 4).replaceAll('\r\n', '\n');
  const encoding = headerOf(mail, 'Content-Transfer-Encoding');
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  if (encoding !== 'quoted-printable') return body;
  const bytes = body
    .replace(/=\n/g, '')
    .replace(/=([\dA-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Makes a self-signed certificate for 127.0.0.1. @returns key and certificate as texts, and the certificate's file */
export function newCertificate(): { key: string; cert: string; file: string } {
  const directory = temporaryDirectory();
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(directory, name)) as [string, string];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', ['req', '-x509', ...ec, ...subject, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8'), file: cert };
}

function answerOf(answer: string | undefined): (Error & { responseCode: number }) | null {
  if (answer === undefined) return null;
  const [, code, text] = /^(\d{3}) (.*)$/.exec(answer) ?? [];
  return Object.assign(new Error(text), { responseCode: Number(code) });
}
