import { carriedFile } from '../../base/carried-files.ts';
import type { Pack } from './pack.ts';

/** The pack in this program. @throws RiposteError (SOFTWARE) when the program contains none */
export const carriedPack = (): Pack => JSON.parse(carriedFile('wazuh5/pack.json'));
