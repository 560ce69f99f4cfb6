import { join } from 'node:path';
import { attempt, RiposteError } from '../base/errors.ts';
import { readIfThere } from '../base/files.ts';
import { writeCopy } from '../base/write-copy.ts';
import type { KeptListing } from './backend/upkeep.ts';
import type { Home } from './home.ts';
import { indexedContext } from './ledger-index.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import type { ResponseContext } from './request-context.ts';

/**
 * The context for comparing all of a response's ledger and backends again and again, without the counts of single
 * addresses. A dry run keeps nothing.
 */
export const repeatedContext = (context: ResponseContext): ReconcileContext => ({
  ...indexedContext(context),
  kept(backend) {
    const kept = keptListing(context.home, backend);
    return context.dryRun ? { ...kept, write: () => {} } : kept;
  },
});

/** The copy is a file in the home, which may be removed at any time. */
function keptListing(home: Home, backend: string): KeptListing {
  const file = join(home.data, 'index', `${backend}.listing`);
  return {
    read() {
      const text = attempt(() => readIfThere(file));
      return text instanceof RiposteError ? undefined : text;
    },
    write: (text) => writeCopy(file, text),
  };
}
