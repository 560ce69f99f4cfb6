/** Log lines are byte strings inside the engine; this is how one looks to a person. */
export function utf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
