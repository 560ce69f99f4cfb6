import { connect, type Socket } from 'node:net';

/** A client of the report socket. It keeps all answers. */
export class Client {
  /** The answers so far, each in a line. */
  text = '';
  readonly ended: Promise<void>;

  constructor(readonly socket: Socket) {
    socket.setEncoding('utf8').on('data', (text) => {
      this.text += text;
    });
    socket.on('error', () => {});
    this.ended = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  static connect(path: string, allowHalfOpen = false): Promise<Client> {
    return new Promise((resolve, reject) => {
      const socket = connect({ path, allowHalfOpen }, () => resolve(new Client(socket)));
      socket.once('error', reject);
    });
  }

  /** Waits until `count` answers have come, or the connection is closed. @returns the answers so far */
  async answers(count = 1): Promise<unknown[]> {
    const isThere = () => this.text.split('\n').length > count;
    while (!isThere() && !this.socket.destroyed)
      await Promise.race([new Promise((resolve) => this.socket.once('data', resolve)), this.ended]);
    return this.text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }

  /** Sends a message. @returns its answer */
  async ask(message: unknown): Promise<unknown> {
    const before = this.text.split('\n').length - 1;
    this.socket.write(typeof message === 'object' ? `${JSON.stringify(message)}\n` : String(message));
    return (await this.answers(before + 1))[before];
  }
}

/** Sends one message over a new connection. @returns its answer */
export async function ask(path: string, message: unknown): Promise<unknown> {
  const client = await Client.connect(path);
  try {
    return await client.ask(message);
  } finally {
    client.socket.destroy();
  }
}
