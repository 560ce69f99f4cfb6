/** A client's request, as `active-response/client.sh` writes it. */
export interface ClientRequest {
  readonly name: string;
  readonly response: string;
  /** Absolute path of the script. */
  readonly script: string;
  /** The variables of the client's environment that the response uses. */
  readonly env: NodeJS.ProcessEnv;
  /** The wait slot in which the client waits for the answer. */
  readonly slot: number;
  /** The manager's line; empty when there was none. */
  readonly message: string;
  /** The arguments of the script. */
  readonly words: readonly string[];
}

/** The name of a request: the client's process ID, and the seconds from boot to the request. */
export const NAME = /^(\d+)-[\d.]+$/;

/** The process ID of the client that made the request of this name. */
export const pidOf = (name: string): number => Number(NAME.exec(name)?.[1]);

/**
 * The count of the fields before the arguments: number of all fields, response, script, home, PATH, SSH_CONNECTION,
 * SSH_CLIENT, slot and message.
 */
const FIELDS = 9;

/** Reads a request; undefined while the client is still writing it. */
export function parseClientRequest(name: string, text: string): ClientRequest | undefined {
  const fields = fieldsOf(text);
  if (fields === undefined || fields.length < FIELDS) return undefined;
  const [, response = '', script = '', home = '', path, connection, client, slot, message = ''] = fields;
  return {
    name,
    response,
    script: script.startsWith('/') ? script : `${home}/${script}`,
    env: given({ PATH: path, SSH_CONNECTION: connection, SSH_CLIENT: client }),
    slot: Number(slot),
    message,
    words: fields.slice(FIELDS),
  };
}

/** Reads the manager's reply; undefined while the client is still writing it. */
export const parseReply = (text: string): string | undefined => fieldsOf(text)?.[1];

/** Splits a text into fields, each ended by a NUL. The first field is the number of fields. */
function fieldsOf(text: string): string[] | undefined {
  const fields = text.split('\0');
  const end = fields.pop();
  return end === '' && Number(fields[0]) === fields.length ? fields : undefined;
}

const given = (variables: Record<string, string | undefined>): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(variables).filter(([, value]) => value));
