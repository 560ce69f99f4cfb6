/** A program and its arguments. */
export type Program = readonly [program: string, ...args: string[]];
