import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { fileError, readRegular } from '../../base/files.ts';
import { printable } from '../../base/printable.ts';
import { type Delivery, Unreachable } from '../queue/delivery.ts';
import type { Credentials } from './credentials.ts';
import type { MailServer } from './mail-server.ts';

/**
 * The server's time limits, in milliseconds. RFC 5321 (4.5.3.2.6) allows ten minutes for the answer to the end of
 * DATA: a client that gives up sooner sends a second copy of a mail that a slow server has accepted.
 */
const PATIENCE = { connect: 60_000, greeting: 60_000, answer: 600_000 };

type Server = Extract<MailServer, { kind: 'smtp' }>;

/** The fields of nodemailer's errors. */
interface SmtpError extends Error {
  readonly code?: string;
  readonly responseCode?: number;
  readonly response?: string;
  readonly recipient?: string;
  readonly rejectedErrors?: readonly SmtpError[];
}

/** Sends a mail to a server. @throws Unreachable, RiposteError (IOERR, NOPERM) for MAIL_CA */
export async function sendBySmtp(
  server: Server,
  { user, password }: Credentials,
  caFile: string,
  mail: { readonly from: string; readonly to: readonly string[]; readonly bytes: Buffer },
): Promise<Delivery> {
  return withConnection(server, { user, password }, caFile, async (connection, whenBroken) => {
    const envelope = { from: mail.from, to: [...mail.to] };
    const sent = new Promise<Delivery>((resolve, reject) =>
      connection.send(envelope, mail.bytes, (error, info) => {
        if (error) {
          const delivery = deliveryOf(error as SmtpError, mail.to);
          if (delivery) resolve(delivery);
          else reject(new Unreachable(textOf(error as SmtpError), true));
        } else resolve(taken(mail.to, (info?.rejectedErrors ?? []) as SmtpError[], info?.response ?? ''));
      }),
    );
    return Promise.race([sent, whenBroken]);
  });
}

/** Connects, encrypts and logs in as for a mail, and disconnects. @returns a description of the connection */
export function checkSmtp(server: Server, credentials: Credentials, caFile: string): Promise<string> {
  return withConnection(server, credentials, caFile, async (connection) => {
    const how = connection.secure ? 'with encryption' : 'without encryption';
    return `${server.host}:${server.port} answers ${how}${credentials.user ? ', and accepts the login' : ''}`;
  });
}

async function withConnection<T>(
  server: Server,
  { user, password }: Credentials,
  caFile: string,
  work: (connection: SMTPConnection, whenBroken: Promise<never>) => Promise<T>,
): Promise<T> {
  const connection = new SMTPConnection(optionsFor(server, caFile === '' ? undefined : readCa(caFile)));
  let stage: 'reaching' | 'sending' = 'reaching';
  const whenBroken = new Promise<never>((_, reject) => {
    connection.once('error', (error: SmtpError) =>
      reject(new Unreachable(textOf(error), stage === 'sending')),
    );
    connection.on('error', () => {});
    connection.once('end', () => reject(new Unreachable('the connection ended', stage === 'sending')));
  });
  whenBroken.catch(() => {}); // no unhandled rejection if the connection breaks after the last `await`
  try {
    await Promise.race([called((done) => connection.connect(done)), whenBroken]);
    if (user !== undefined) {
      if (!connection.secure && server.verifies)
        throw new Unreachable('Riposte sends no password without encryption');
      const login = called((done) => connection.login({ user, pass: password ?? '' }, done));
      await Promise.race([login, whenBroken]);
    }
    stage = 'sending';
    return await work(connection, whenBroken);
  } finally {
    // Send QUIT, but do not wait for the server's reply.
    connection.quit();
    setTimeout(() => connection.close(), 1000).unref();
  }
}

function called(start: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) =>
    start((error) => (error ? reject(new Unreachable(textOf(error as SmtpError))) : resolve())),
  );
}

/** @param ca certificates in PEM */
export function optionsFor({ host, port, tls, verifies }: Server, ca?: string) {
  return {
    host,
    port,
    secure: tls === 'at once',
    requireTLS: tls === 'demanded',
    ignoreTLS: tls === 'never',
    tls: {
      rejectUnauthorized: verifies,
      minVersion: 'TLSv1.2' as const,
      ...(ca === undefined ? {} : { ca }),
    },
    connectionTimeout: PATIENCE.connect,
    dnsTimeout: PATIENCE.connect,
    greetingTimeout: PATIENCE.greeting,
    socketTimeout: PATIENCE.answer,
  };
}

function readCa(file: string): string {
  try {
    return readRegular(file).toString();
  } catch (error) {
    throw fileError('read', file, error);
  }
}

function taken(to: readonly string[], errors: readonly SmtpError[], response: string): Delivery {
  const split = (isWanted: (error: SmtpError) => boolean) =>
    Object.fromEntries(errors.filter(isWanted).map((error) => [error.recipient ?? '', textOf(error)]));
  const rejected = new Set(errors.map(({ recipient }) => recipient));
  return {
    accepted: to.filter((address) => !rejected.has(address)),
    refused: split(isFinal),
    deferred: split((error) => !isFinal(error)),
    said: printable(response, 300),
  };
}

/**
 * Interprets a server's answer to this message; undefined if the server did not answer, or if its answer concerns all
 * messages.
 */
function deliveryOf(error: SmtpError, to: readonly string[]): Delivery | undefined {
  const { rejectedErrors, responseCode } = error;
  if (rejectedErrors && rejectedErrors.length > 0) return taken(to, rejectedErrors, error.response ?? '');
  if (responseCode === undefined || responseCode === 421) return undefined;
  const everybody = Object.fromEntries(to.map((address) => [address, textOf(error)]));
  const final = isFinal(error);
  return {
    accepted: [],
    refused: final ? everybody : {},
    deferred: final ? {} : everybody,
    said: printable(error.response ?? '', 300),
  };
}

/**
 * True for a 5xx reply. False for replies that ask for encryption or a password, because the administrator can correct
 * the settings.
 */
const isFinal = ({ responseCode = 0 }: SmtpError): boolean =>
  responseCode >= 500 && ![530, 534, 535, 538].includes(responseCode);

const textOf = ({ message, response }: SmtpError): string =>
  printable(response && !message.includes(response) ? `${message}: ${response}` : message, 300);
