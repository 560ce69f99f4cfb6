import type { Response } from '../request-context.ts';
import type { Table } from '../settings/settings.ts';

/** The own settings of these responses, together. */
export const ownSettings = (responses: readonly Response[]): Table =>
  Object.assign({}, ...responses.map(({ settings }) => settings));
