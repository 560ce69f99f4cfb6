import type { Backend } from '../backend/backend.ts';
import { homeAt } from '../home.ts';
import type { Response } from '../request-context.ts';
import { loadSettings } from '../settings/load.ts';
import { RESPONSES } from './responses.ts';

/** Every backend of every response, with the default settings: for listing and upkeep, not for blocking. */
export const allBackends = (): Backend[] => RESPONSES.flatMap(backendsOf);

/** True when a backend of the response only queues its changes. */
export const hasQueue = (response: Response): boolean => backendsOf(response).some(({ flush }) => flush);

function backendsOf({ backends }: Response): Backend[] {
  const settings = loadSettings([], new Map());
  const home = homeAt('/');
  return Object.values(backends).map((make) => make(settings, home));
}
