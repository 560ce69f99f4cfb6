import { bitsOf, parseAddress } from '../../base/address.ts';

/** A record's value. Numbers are written as uint32. */
type Value = string | number | bigint | readonly string[] | { readonly [key: string]: Value };

/** A network, and its record. */
export type Entry = readonly [network: string, record: Value];

/** The form of a written database. */
export interface MmdbOptions {
  readonly type?: string;
  readonly recordSize?: 24 | 28 | 32;
  readonly ipVersion?: 4 | 6;
  readonly built?: Date;
}

/** A place in the tree: a node, an entry's number below 0, or nothing. */
type Branch = Node | number | undefined;
interface Node {
  left: Branch;
  right: Branch;
  number: number;
}

const newNode = (): Node => ({ left: undefined, right: undefined, number: 0 });

/**
 * Writes a database in the format of MaxMind (https://maxmind.github.io/MaxMind-DB/). IPv4 networks are below ::/96 of an
 * IPv6 tree. A network must not contain another network.
 */
export function mmdb(entries: readonly Entry[], options: MmdbOptions = {}): Buffer {
  const { type = 'GeoLite2-Country', recordSize = 28, ipVersion = 6, built = new Date() } = options;
  const root = newNode();
  for (const [index, [network]] of entries.entries()) insert(root, bitsIn(network, ipVersion), -1 - index);
  const nodes = numbered(root);
  const data: Buffer[] = [];
  const offsets: number[] = [];
  let length = 0;
  for (const [, record] of entries) {
    offsets.push(length);
    const bytes = encode(record);
    data.push(bytes);
    length += bytes.length;
  }
  const recordOf = (branch: Branch) => {
    if (branch === undefined) return nodes.length;
    return typeof branch === 'number' ? nodes.length + 16 + (offsets[-1 - branch] ?? 0) : branch.number;
  };
  const tree = nodes.map(({ left, right }) => nodeBytes(recordOf(left), recordOf(right), recordSize));
  const metadata = map([
    ['node_count', uint(6, nodes.length, 4)],
    ['record_size', uint(5, recordSize, 2)],
    ['ip_version', uint(5, ipVersion, 2)],
    ['database_type', encode(type)],
    ['languages', encode(['en'])],
    ['binary_format_major_version', uint(5, 2, 2)],
    ['binary_format_minor_version', uint(5, 0, 2)],
    ['build_epoch', encode(BigInt(Math.floor(built.getTime() / 1000)))],
    ['description', encode({ en: 'of a test' })],
  ]);
  const marker = Buffer.from('abcdef4d61784d696e642e636f6d', 'hex');
  return Buffer.concat([...tree, Buffer.alloc(16), ...data, marker, metadata]);
}

/** The bits of a network, from the first to the last. */
function bitsIn(network: string, ipVersion: 4 | 6): string {
  const { family, value, prefix } = parseAddress(network);
  const bits = value.toString(2).padStart(bitsOf(family), '0').slice(0, prefix);
  return family === 4 && ipVersion === 6 ? '0'.repeat(96) + bits : bits;
}

function insert(root: Node, bits: string, entry: number): void {
  let node = root;
  for (const bit of bits.slice(0, -1)) {
    const side = bit === '1' ? 'right' : 'left';
    const next = node[side];
    const child = typeof next === 'object' ? next : newNode();
    node[side] = child;
    node = child;
  }
  node[bits.endsWith('1') ? 'right' : 'left'] = entry;
}

function numbered(root: Node): Node[] {
  const nodes = [root];
  for (let at = 0; at < nodes.length; at++) {
    const node = nodes[at] as Node;
    node.number = at;
    for (const branch of [node.left, node.right]) if (typeof branch === 'object') nodes.push(branch);
  }
  return nodes;
}

function nodeBytes(left: number, right: number, recordSize: 24 | 28 | 32): Buffer {
  const bytes = Buffer.alloc(recordSize / 4);
  const width = recordSize === 32 ? 4 : 3;
  const mask = recordSize === 32 ? 0xffffffff : 0xffffff;
  bytes.writeUIntBE((left & mask) >>> 0, 0, width);
  bytes.writeUIntBE((right & mask) >>> 0, bytes.length - width, width);
  // With 28 bits, the byte in the middle has the highest four bits of both records.
  if (recordSize === 28) bytes[3] = ((left >>> 24) << 4) | (right >>> 24);
  return bytes;
}

function encode(value: Value): Buffer {
  if (typeof value === 'string')
    return Buffer.concat([head(2, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === 'number') return uint(6, value, 4);
  if (typeof value === 'bigint') {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(value);
    return Buffer.concat([head(9, 8), bytes]);
  }
  if (Array.isArray(value)) return Buffer.concat([head(11, value.length), ...value.map(encode)]);
  return map(Object.entries(value).map(([key, each]) => [key, encode(each)]));
}

const map = (entries: readonly (readonly [string, Buffer])[]): Buffer =>
  Buffer.concat([head(7, entries.length), ...entries.flatMap(([key, bytes]) => [encode(key), bytes])]);

function uint(type: 5 | 6, value: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntBE(value, 0, length);
  return Buffer.concat([head(type, length), bytes]);
}

/** The control byte of a type, up to 284 bytes or entries. */
function head(type: number, size: number): Buffer {
  const [short, more] = size < 29 ? [size, []] : [29, [size - 29]];
  return Buffer.from(type < 8 ? [(type << 5) | short, ...more] : [short, type - 7, ...more]);
}
