import type { IncomingMessage } from 'node:http';
import { EX, type ExitCode, RiposteError } from '../../base/errors.ts';
import { describeFailure, readAnswer, sendRequest } from '../../base/http-request.ts';
import { jsonObjectIn } from '../../base/json.ts';
import { printable } from '../../base/printable.ts';
import type { Document } from './pack.ts';
import type { Json } from './yaml.ts';

/** The address of an indexer, and the login. */
export interface Connection {
  /** An https:// URL, or an http:// URL of this host. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** The file that a message names when the indexer refuses the login. */
  readonly credentialsFile: string;
  /**
   * The text of a PEM file with the authority that signed the indexer's certificate; undefined for the system's
   * authorities.
   */
  readonly ca: string | undefined;
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** An indexer's REST interface. Every error is a RiposteError that names the host, and never the password. */
export interface Indexer {
  readonly host: string;
  /**
   * @param body JSON, or a text of YAML
   * @returns the answer, a JSON object
   * @throws RiposteError: NOPERM for a refused login, TEMPFAIL for a lost connection or an indexer that is busy, UNAVAILABLE
   * for everything else
   */
  send(method: Method, path: string, body?: Json | Yaml): Promise<Document>;
  /** Like `send`, but returns undefined when the indexer has no such document or index (404). */
  find(method: Method, path: string, body?: Json): Promise<Document | undefined>;
}

/** A body in YAML. */
export class Yaml {
  constructor(readonly text: string) {}
}

/** The time for one answer, in milliseconds: an engine that checks a policy takes seconds. */
const PATIENCE = 120_000;
/** The longest answer that is read, in bytes. */
const LONGEST_ANSWER = 32 * 1024 * 1024;

export function indexerAt(connection: Connection): Indexer {
  const { host } = new URL(connection.url);
  const ask = async (method: Method, path: string, body: Json | Yaml | undefined, mayMiss: boolean) => {
    const { response, text } = await exchange(connection, host, method, path, body);
    const status = response.statusCode ?? 0;
    if (mayMiss && status === 404) return undefined;
    return documentOf(connection, host, `${method} ${path.replace(/\?.*/, '')}`, response, text);
  };
  return {
    host,
    send: async (method, path, body) => (await ask(method, path, body, false)) ?? {},
    find: (method, path, body) => ask(method, path, body, true),
  };
}

interface Exchange {
  readonly response: IncomingMessage;
  readonly text: string;
}

async function exchange(
  { url, user, password, ca }: Connection,
  host: string,
  method: Method,
  path: string,
  body: Json | Yaml | undefined,
): Promise<Exchange> {
  const isYaml = body instanceof Yaml;
  const type = isYaml ? 'application/yaml' : 'application/json';
  try {
    const response = await sendRequest({
      url: url.replace(/\/*$/, path),
      method,
      headers: {
        Accept: 'application/json',
        Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
        ...(body === undefined ? {} : { 'Content-Type': type }),
      },
      body: body === undefined ? undefined : isYaml ? body.text : JSON.stringify(body),
      ca,
      silence: PATIENCE,
      patience: PATIENCE,
    });
    return { response, text: (await readAnswer(response, LONGEST_ANSWER)).toString() };
  } catch (error) {
    throw unreachable(host, error);
  }
}

/** @throws RiposteError for every answer that is not a success */
function documentOf(
  { credentialsFile }: Connection,
  host: string,
  what: string,
  { statusCode: status = 0, headers }: IncomingMessage,
  text: string,
): Document {
  if (status === 401 || status === 403)
    throw failure(EX.NOPERM, host, `refuses the account of ${credentialsFile} (${what}: ${status})`);
  if (status >= 300 && status < 400)
    throw failure(
      EX.UNAVAILABLE,
      host,
      `redirects to ${printable(String(headers.location), 200)}, which is not followed`,
    );
  const document = jsonObjectIn(text) as Document | undefined;
  if (document === undefined) {
    const type = printable(headers['content-type'] ?? 'no type', 60);
    throw failure(
      EX.UNAVAILABLE,
      host,
      `does not answer with a JSON object to ${what} (${status}, ${type}): name the REST interface of a Wazuh indexer, usually port 9200`,
    );
  }
  if (status >= 200 && status < 300) return document;
  const isBusy = status === 429 || status === 503;
  throw failure(
    isBusy ? EX.TEMPFAIL : EX.UNAVAILABLE,
    host,
    `refuses ${what} (${status}): ${reasonIn(document)}`,
  );
}

/** The reason in an error of the content manager, or of OpenSearch. */
function reasonIn(document: Document): string {
  const { message, error } = document;
  const reason = typeof error === 'object' && error !== null && 'reason' in error ? error.reason : error;
  const found =
    typeof message === 'string' ? message : typeof reason === 'string' ? reason : JSON.stringify(document);
  return printable(found, 300);
}

function unreachable(host: string, error: unknown): RiposteError {
  const { kind, why } = describeFailure(error, PATIENCE);
  const said = kind === 'certificate' ? `${why}: name the file of the certificate authority by --ca` : why;
  return failure(kind === 'slow' || kind === 'lost' ? EX.TEMPFAIL : EX.UNAVAILABLE, `${host}:`, said);
}

const failure = (exitCode: ExitCode, host: string, what: string): RiposteError =>
  new RiposteError(exitCode, `${host} ${what}`);
