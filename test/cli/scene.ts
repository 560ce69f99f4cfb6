import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Home, homeAt } from '../../active-response/home.ts';
import { type Block, writeBlock } from '../../active-response/ledger.ts';
import { temporaryDirectory } from '../active-response/support.ts';
import { type Outcome, riposte } from './io.ts';

/** A temporary home. The operator's command runs in this process, so use only verbs that do not change the kernel. */
export interface Scene {
  readonly home: Home;
  /** Runs a verb with arguments; adds --home. */
  run(...argv: string[]): Promise<Outcome>;
  /** Writes a file of the home. */
  write(path: string, text: string | Buffer): void;
  /** The text of a file of the home, empty when it is missing. */
  read(path: string): string;
  /** Adds a block to the ledger, but to no backend. */
  ledger(address: string, response?: string, more?: Partial<Block>): void;
  /** The events of the journal. */
  journal(): Record<string, unknown>[];
}

export function scene(): Scene {
  const home = homeAt(temporaryDirectory());
  const file = (path: string) => join(home.root, path);
  const read = (path: string) => {
    try {
      return readFileSync(file(path), 'utf8');
    } catch {
      return '';
    }
  };
  return {
    home,
    read,
    run: (...argv) => riposte([...argv, '--home', home.root]),
    write: (path, text) => {
      mkdirSync(dirname(file(path)), { recursive: true });
      writeFileSync(file(path), text);
    },
    ledger: (address, response = 'apache-deny', more = {}) => {
      const since = new Date().toISOString();
      mkdirSync(join(home.blocks, response), { recursive: true });
      writeBlock(home, { address, response, backend: 'map', since, until: null, offence: 1, ...more });
    },
    journal: () =>
      read('var/riposte/events.jsonl')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
  };
}
