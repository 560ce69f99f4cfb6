import { oncePerPack, packFile } from '../../../base/pack-overlay.ts';
import { type ListFile, readList, type SignatureList } from '../read-list.ts';
import agents from './agents.txt';
import exceptions from './exceptions.txt';
import payloads from './payloads.txt';
import products from './products.txt';
import secrets from './secrets.txt';
import webshells from './webshells.txt';

/** The files of the list. README.md beside them explains the form of a line. */
export const LIST_FILES: readonly ListFile[] = [
  { name: 'judgement/signatures/list/exceptions.txt', text: exceptions },
  { name: 'judgement/signatures/list/secrets.txt', text: secrets },
  { name: 'judgement/signatures/list/products.txt', text: products },
  { name: 'judgement/signatures/list/webshells.txt', text: webshells },
  { name: 'judgement/signatures/list/payloads.txt', text: payloads },
  { name: 'judgement/signatures/list/agents.txt', text: agents },
];

/**
 * The list, with the files of the pack of rules in force in place of Riposte's own. The first call reads it.
 *
 * @throws as `readList` does
 */
export const signatureList: () => SignatureList = oncePerPack(() =>
  readList(LIST_FILES.map(({ name, text }) => ({ name, text: packFile(name) ?? text }))),
);
