/** What a script has handed on, as `active-response/client.sh` writes it. */
export interface Asked {
  readonly name: string;
  readonly response: string;
  /** Absolute path of the script. */
  readonly script: string;
  /** What of its environment counts. */
  readonly env: NodeJS.ProcessEnv;
  /** Where it waits for the answer. */
  readonly seat: number;
  /** The manager's line; empty when there was none. */
  readonly message: string;
  /** The words behind the script's name. */
  readonly words: readonly string[];
}

/** The name of a request: the script's process number, and the seconds since boot when it asked. */
export const NAME = /^(\d+)-[\d.]+$/;

/** The process number of the script that has laid the request of this name. */
export const scriptOf = (name: string): number => Number(NAME.exec(name)?.[1]);

/** How many fields stand before the words: their number, response, script, home, PATH, SSH_CONNECTION, SSH_CLIENT, seat, message. */
const FIELDS = 9;

/** Reads a request; undefined when it is not whole, as its script is still writing. */
export function parseAsked(name: string, text: string): Asked | undefined {
  const fields = fieldsOf(text);
  if (fields === undefined || fields.length < FIELDS) return undefined;
  const [, response = '', script = '', home = '', path, connection, client, seat, message = ''] = fields;
  return {
    name,
    response,
    script: script.startsWith('/') ? script : `${home}/${script}`,
    env: given({ PATH: path, SSH_CONNECTION: connection, SSH_CLIENT: client }),
    seat: Number(seat),
    message,
    words: fields.slice(FIELDS),
  };
}

/** What the manager said in between; undefined when it is not whole. */
export const parseReply = (text: string): string | undefined => fieldsOf(text)?.[1];

/** Fields, each ended by a NUL; the first is their number. */
function fieldsOf(text: string): string[] | undefined {
  const fields = text.split('\0');
  const end = fields.pop();
  return end === '' && Number(fields[0]) === fields.length ? fields : undefined;
}

const given = (variables: Record<string, string | undefined>): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(variables).filter(([, value]) => value));
