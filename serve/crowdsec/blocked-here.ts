import type { Home } from '../../active-response/home.ts';
import { readBlock } from '../../active-response/ledger.ts';
import { withoutLists } from '../../active-response/lists.ts';
import { RESPONSES } from '../../active-response/response/responses.ts';

/** True while a response blocks the address by a decision of this host or of a program on it, not only for a list. */
export const isBlockedHere = (home: Home, address: string): boolean =>
  RESPONSES.some(({ name }) => withoutLists(readBlock(home, name, address), Date.now()) !== undefined);
