import type { Prose } from './prose.ts';

/** An inverted phrase in a text. Lines count from 1. */
export interface Inversion {
  readonly line: number;
  readonly phrase: string;
}

/** A clause as the subject, at the start of a sentence: "Who is busy waits", "What is not ours stays". */
const CLAUSE = /^(?:who|whom|what|whoever|whatever(?! (?:the|its|their)\b)|whomever|how(?! to\b))\b(?!['’])/i;

/** Inverted phrases. The patterns spare phrases in the usual order, such as "so that one process …". */
const PHRASES = [
  /(?<!\b(?:so|means|mean|say|says|see|sees|such) )\bthat one\b(?! (?:[a-z]+ )?(?:of|in|at)\b)/gi,
  /\b(?:stands|stand|stood) still\b/gi,
  /\b(?:is|are|be|been|was|were) waited for\b/gi,
  /\b(?:he|his|him|himself)\b/gi,
  /\b(?:bears? out|borne out|to be had)\b/gi,
  /\b(?:stands?|stood) (?:before|behind|beside|between|there)\b/gi,
  /(?:\band|[;:.]) so (?:are|can|did|do|does|has|have|is|may|must|was|were|will)\b(?! not)/gi,
  /\bnor (?:are|can|did|do|does|has|have|is|was|were)\b/gi,
  // "There is no file" and "is no longer" are plain English.
  /(?<!\bthere (?:still )?)\b(?:is|are|was|were) no (?!(?:earlier|fewer|later|less|longer|more|such)\b)[a-z]+/gi,
  /(?<!\bthere (?:can|may|must|should|will|would) )\bbe no (?!(?:earlier|fewer|later|less|longer|more)\b)[a-z]+/gi,
];

/** Finds the commonest inversions in a text for people. Ignores questions. */
export function inversionsIn({ kind, line, text }: Prose): Inversion[] {
  const isSentence = kind !== 'string' || /\w \w+ \w/.test(text);
  if (!isSentence) return [];
  const at = (index: number): number => line + text.slice(0, index).split('\n').length - 1;
  const clauses = sentencesOf(text)
    .filter(
      ({ sentence, isFirst }) =>
        CLAUSE.test(sentence) && !isQuestion(sentence) && isNominal(kind, sentence, isFirst),
    )
    .map(({ start, sentence }) => ({ line: at(start), phrase: sentence.replace(/\s+/g, ' ').slice(0, 60) }));
  const phrases = PHRASES.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(({ index, 0: phrase }) => ({ line: at(index), phrase })),
  );
  return [...clauses, ...phrases].sort((a, b) => a.line - b.line);
}

/**
 * True if the text begins a sentence. A string that begins in lower case may be the middle of a sentence. A comment or
 * a test's name always begins one.
 */
const isNominal = (kind: Prose['kind'], sentence: string, isFirst: boolean): boolean =>
  /^[A-Z]/.test(sentence) || (isFirst && kind !== 'string');

const isQuestion = (sentence: string): boolean => /\?\W*$/.test(sentence);

/** The sentences of a text, split after `.`, `!`, `?`, `:` and at blank lines. */
function sentencesOf(text: string): { start: number; sentence: string; isFirst: boolean }[] {
  return [
    ...text.matchAll(/[^\s](?:(?![.!?:]["”’)]*\s|\n\s*\n).)*(?:[.!?:]["”’)]*(?=\s|$)|(?=\n\s*\n)|.?)/gs),
  ].map(({ index, 0: sentence }, number) => ({
    start: index,
    sentence: sentence.trim(),
    isFirst: number === 0,
  }));
}
