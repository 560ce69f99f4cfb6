import type { PlaceOf } from '../places.ts';
import type { Status } from './gather.ts';

/** Adds the country and the network to each block. @param placeOf undefined if this host knows no places */
export const withPlaces = (status: Status, placeOf: PlaceOf | undefined): Status =>
  placeOf
    ? { ...status, blocks: status.blocks.map((block) => ({ ...block, ...placeOf(block.address) })) }
    : status;
