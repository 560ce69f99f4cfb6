import { connect, type Socket } from 'node:net';

/** A client of the report socket that keeps all it is told. */
export class Client {
  /** What it was told, a line each. */
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

  /** What it has been told, when `count` lines of that have come, or no more will. */
  async told(count = 1): Promise<unknown[]> {
    const isThere = () => this.text.split('\n').length > count;
    while (!isThere() && !this.socket.destroyed)
      await Promise.race([new Promise((resolve) => this.socket.once('data', resolve)), this.ended]);
    return this.text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }

  /** Sends a message, and gives the answer to it. */
  async ask(message: unknown): Promise<unknown> {
    const before = this.text.split('\n').length - 1;
    this.socket.write(typeof message === 'object' ? `${JSON.stringify(message)}\n` : String(message));
    return (await this.told(before + 1))[before];
  }
}

/** Asks one thing over a connection of its own. */
export async function ask(path: string, message: unknown): Promise<unknown> {
  const client = await Client.connect(path);
  try {
    return await client.ask(message);
  } finally {
    client.socket.destroy();
  }
}
