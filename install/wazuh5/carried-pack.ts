import { carriedFile } from '../../base/carried-files.ts';
import type { Pack } from './pack.ts';

/** The pack of this program. @throws RiposteError (SOFTWARE) when it carries none */
export const carriedPack = (): Pack => JSON.parse(carriedFile('wazuh5/pack.json'));
