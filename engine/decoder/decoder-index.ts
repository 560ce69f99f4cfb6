import { ownCopy } from '../../base/own-copy.ts';
import type { Event } from '../event/event.ts';
import type { DecoderNode } from './decoder.ts';
import type { DecoderTree } from './decoder-tree.ts';

/**
 * Selects the decoders to try on an event. Most prematches are anchored, so the first byte of a line leaves few of
 * them. A program name recurs on thousands of lines, so its decoders are cached.
 */
export class DecoderIndex {
  private readonly byFirstByte: DecoderNode[][];
  private readonly byProgram = new Map<string, DecoderNode[]>();

  constructor(private readonly tree: DecoderTree) {
    const nodes = tree.withoutProgram.map((node) => ({ node, first: node.decoder.prematch?.firstBytes }));
    this.byFirstByte = Array.from({ length: 256 }, (_, byte) =>
      nodes.filter(({ first }) => first?.[byte] !== 0).map(({ node }) => node),
    );
  }

  /** The decoders that can match, in their order. */
  candidates(event: Event): DecoderNode[] {
    if (event.programName !== undefined) return this.forProgram(event.programName);
    // For an empty line, charCodeAt returns NaN, which finds no list.
    return this.byFirstByte[event.log.charCodeAt(0)] ?? this.tree.withoutProgram;
  }

  private forProgram(name: string): DecoderNode[] {
    const known = this.byProgram.get(name);
    if (known) return known;
    const lower = name.toLowerCase();
    const nodes = this.tree.withProgram.filter(
      ({ decoder }) => decoder.programName?.test(name, lower) ?? true,
    );
    // Program names come from log lines, so an attacker can send any number of them.
    if (this.byProgram.size >= MAX_PROGRAMS) this.byProgram.clear();
    this.byProgram.set(ownCopy(name), nodes);
    return nodes;
  }
}

const MAX_PROGRAMS = 1000;
