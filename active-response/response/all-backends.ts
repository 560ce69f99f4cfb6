import type { Backend } from '../backend/backend.ts';
import { homeAt } from '../home.ts';
import { loadSettings } from '../settings/load.ts';
import { RESPONSES } from './responses.ts';

/** Every backend of every response, with the default settings: for listing and upkeep, not for blocking. */
export function allBackends(): Backend[] {
  const settings = loadSettings([], new Map());
  const home = homeAt('/');
  return RESPONSES.flatMap(({ backends }) => Object.values(backends)).map((make) => make(settings, home));
}
