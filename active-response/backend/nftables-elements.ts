import { endianness } from 'node:os';
import { firstHost } from '../../base/address.ts';
import type { Command } from '../../base/execute.ts';
import type { InForce } from './in-force.ts';

/**
 * Asks the kernel for the elements of sets, and prints the kernel's answers unchanged, because nft takes twice as long
 * as the kernel to list 100,000 elements. Needs only Perl without modules, which Debian always has.
 *
 * First the program prints one line, the state of all sets: the boot, the network namespace and the generation of the
 * namespace's rule set. Each change of any set gives a new generation. The number of the kernel's own socket in the
 * namespace identifies the namespace, because it is not used again before the next boot, unlike the namespace's own
 * number. If the state is the known state, the program prints nothing else, because a listing is slow: for each 32 KB
 * of its answer the kernel walks the set from its beginning, which takes 0.4 s for 100,000 elements. Without /proc the
 * line is empty.
 *
 * 16, 3, 12: AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER. 0xa10: NFT_MSG_GETGEN. 0xa0d: NFT_MSG_GETSETELEM.
 * 1: NLM_F_REQUEST. 0x301: NLM_F_REQUEST with NLM_F_DUMP. Message types 2 and 3: an error, and the end.
 */
const PROGRAM = `
my ($family, $table, $known, @sets) = @ARGV;
socket(my $s, 16, 3, 12) or die "$!\\n";
bind($s, pack("S x2 L L", 16, 0, 0)) or die "$!\\n";
sub attribute { my ($type, $text) = @_; my $l = 5 + length $text; pack("S S a* x" . (1 + -$l % 4), $l, $type, $text) }
sub ask { my ($type, $flags, $body) = @_; send($s, pack("L S S L L", 16 + length $body, $type, $flags, 1, 0) . $body, 0) or die "$!\\n" }
sub answer {
  my $length = sysread($s, my $answer, 1 << 16);
  die "$!\\n" unless $length;
  if (unpack("x4 S", $answer) == 2) { $! = -unpack("l", substr($answer, 16, 4)); die "$!\\n" }
  $answer;
}
sub found { my ($file, $what) = @_; open(my $f, "<", $file) or return ""; join("", <$f>) =~ $what ? $1 : "" }
my $boot = found("/proc/sys/kernel/random/boot_id", qr/^([\\da-f-]{36})$/m);
my $namespace = found("/proc/self/net/netlink", qr/^\\w+ +12 +0 .* ([1-9]\\d*) *$/m);
ask(0xa10, 1, pack("C C n", 0, 0, 0));
my ($size, $type, $generation) = unpack("x20 S S a4", answer());
my $isKnown = $boot && $namespace && $size == 8 && $type == 1;
my $state = $isKnown ? "$boot $namespace " . unpack("H*", $generation) : "";
print "$state\\n";
exit if $state ne "" && $state eq $known;
for my $set (@sets) {
  ask(0xa0d, 0x301, pack("C C n", $family, 0, 0) . attribute(1, $table) . attribute(2, $set));
  for (my $isLast = 0; !$isLast; ) {
    my $answer = answer();
    for (my $at = 0; $at < length $answer; ) {
      my ($size, $type) = unpack("L S", substr($answer, $at, 6));
      die "bad answer\\n" if $size < 16;
      $isLast = $type == 3;
      $at += ($size + 3) & ~3;
    }
    print $answer;
  }
}
`;

/** NFPROTO_INET. */
const INET = '1';

/**
 * The command that prints the kernel's answers about these sets of an inet table.
 * @param known the state for which it prints no answers
 */
export const dumpOf = (table: string, sets: readonly string[], known = ''): Command => ({
  program: 'perl',
  args: ['-e', PROGRAM, '--', INET, table, known, ...sets],
  isBinary: true,
});

/** Splits the output of `dumpOf` into the state of the kernel's sets, which may be empty, and the dump. */
export function splitState(output: Buffer): [state: string, dump: Buffer] {
  const end = output.indexOf('\n');
  const state = output.toString('latin1', 0, Math.max(0, end));
  if (end === -1 || !/^(?:[\da-f-]{36} \d+ [\da-f]{8})?$/.test(state))
    throw new Error('no state of the sets');
  return [state, output.subarray(end + 1)];
}

/** True if this host has the byte order that this file reads. */
export const canRead = (): boolean => endianness() === 'LE';

/** An element of a set, as the kernel has it. */
export interface DumpedElement extends InForce {
  /** In canonical form. */
  readonly host: string;
  /** Milliseconds until the kernel ends it; undefined: the kernel does not end it. */
  readonly left: number | undefined;
}

/**
 * Reads the elements of each set from a dump.
 *
 * @returns undefined if the sets have changed during the dump, because elements may then be missing
 * @throws Error for an answer of another form
 */
export function parseDump(bytes: Buffer): DumpedElement[][] | undefined {
  const sets: DumpedElement[][] = [];
  let elements: DumpedElement[] = [];
  let generation: number | undefined;
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.readUInt32LE(at);
    const [type, flags] = [bytes.readUInt16LE(at + 4), bytes.readUInt16LE(at + 6)];
    if (size < 16 || at + size > bytes.length) throw new Error('half a message');
    if (flags & INTERRUPTED) return undefined;
    if (type === DONE) {
      if (size >= HEADER && bytes.readInt32LE(at + 16) !== 0) throw new Error('the list ended early');
      sets.push(elements);
      elements = [];
    } else {
      if (type !== NEW_ELEMENTS || size < HEADER) throw new Error('no set elements');
      generation ??= bytes.readUInt16BE(at + 18);
      if (generation !== bytes.readUInt16BE(at + 18)) return undefined;
      readElements(bytes, at + HEADER, at + size, elements);
    }
    at += aligned(size);
  }
  if (elements.length > 0) throw new Error('half an answer');
  return sets;
}

function readElements(bytes: Buffer, from: number, to: number, elements: DumpedElement[]): void {
  for (let list = from; list < to; list = nextOf(bytes, list))
    if (typeOf(bytes, list, to) === ELEMENTS)
      for (let one = list + 4; one < endOf(bytes, list); one = nextOf(bytes, one))
        elements.push(elementIn(bytes, one, typeOf(bytes, one, endOf(bytes, list))));
}

/** nlmsghdr and nfgenmsg. */
const HEADER = 20;
/** NLMSG_DONE. */
const DONE = 3;
/** NFNL_SUBSYS_NFTABLES and NFT_MSG_NEWSETELEM. */
const NEW_ELEMENTS = 0xa0c;
/** NLM_F_DUMP_INTR. */
const INTERRUPTED = 0x10;
/** NFTA_SET_ELEM_LIST_ELEMENTS, NFTA_LIST_ELEM. */
const [ELEMENTS, LISTED] = [3, 1];
/** NFTA_SET_ELEM_KEY, _EXPIRATION, _EXPR, _EXPRESSIONS. */
const [KEY, EXPIRATION, EXPRESSION, EXPRESSIONS] = [1, 5, 7, 11];
/** NFTA_DATA_VALUE. */
const VALUE = 1;
/** NFTA_EXPR_NAME, _DATA; NFTA_COUNTER_BYTES, _PACKETS. */
const [NAME, DATA, BYTES, PACKETS] = [1, 2, 1, 2];
const COUNTER = Buffer.from('counter\0');

/** @param at the offset at which the element's attribute begins, as in the functions below */
function elementIn(bytes: Buffer, at: number, type: number): DumpedElement {
  if (type !== LISTED) throw new Error('no element');
  const end = endOf(bytes, at);
  const element = { host: '', packets: undefined, bytes: undefined, left: undefined as number | undefined };
  for (let part = at + 4; part < end; part = nextOf(bytes, part)) {
    const of = typeOf(bytes, part, end);
    if (of === KEY) element.host = hostIn(bytes, part);
    else if (of === EXPIRATION) element.left = numberAt(bytes, part + 4);
    else if (of === EXPRESSION) readCounter(bytes, part, element);
    else if (of === EXPRESSIONS)
      for (let one = part + 4; one < endOf(bytes, part); one = nextOf(bytes, one))
        readCounter(bytes, one, element);
  }
  if (element.host === '') throw new Error('an element without a key');
  return element;
}

function hostIn(bytes: Buffer, key: number): string {
  const [from, to] = [key + 8, endOf(bytes, key + 4)];
  if (typeOf(bytes, key + 4, endOf(bytes, key)) !== VALUE) throw new Error('a key without a value');
  if (to - from === 4) return `${bytes[from]}.${bytes[from + 1]}.${bytes[from + 2]}.${bytes[from + 3]}`;
  if (to - from !== 16) throw new Error('a key that is not an address');
  const value = (bytes.readBigUInt64BE(from) << 64n) | bytes.readBigUInt64BE(from + 8);
  return firstHost({ family: 6, value, prefix: 128, text: '' });
}

/** Takes the counts of an expression, if it is a counter. */
function readCounter(
  bytes: Buffer,
  at: number,
  element: { packets: number | undefined; bytes: number | undefined },
): void {
  const end = endOf(bytes, at);
  let isCounter = false;
  for (let part = at + 4; part < end; part = nextOf(bytes, part)) {
    const of = typeOf(bytes, part, end);
    if (of === NAME)
      isCounter = bytes.compare(COUNTER, 0, COUNTER.length, part + 4, endOf(bytes, part)) === 0;
    else if (of === DATA && isCounter)
      for (let one = part + 4; one < endOf(bytes, part); one = nextOf(bytes, one)) {
        const what = typeOf(bytes, one, end);
        if (what === PACKETS) element.packets = numberAt(bytes, one + 4);
        else if (what === BYTES) element.bytes = numberAt(bytes, one + 4);
      }
  }
}

/** A number of 64 bits. */
const numberAt = (bytes: Buffer, at: number): number =>
  bytes.readUInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);

/** The offset where a netlink attribute ends, without the bytes that align the next one. */
const endOf = (bytes: Buffer, at: number): number => at + bytes.readUInt16LE(at);
const nextOf = (bytes: Buffer, at: number): number => at + aligned(bytes.readUInt16LE(at));

/** The type of an attribute, without its two flags. @throws Error if it does not end before `end` */
function typeOf(bytes: Buffer, at: number, end: number): number {
  const size = bytes.readUInt16LE(at);
  if (size < 4 || at + size > end) throw new Error('an attribute of a wrong size');
  return bytes.readUInt16LE(at + 2) & 0x3fff;
}

const aligned = (size: number): number => (size + 3) & ~3;
