/** Files of a pack of rules, by their paths. In this process they replace the program's own files. */
let files: ReadonlyMap<string, string> = new Map();
let generation = 0;

/**
 * Uses these files from now on, instead of the files of earlier calls. A module that has read a file compares
 * `packGeneration` to learn when to read it again.
 *
 * @returns a function that restores the earlier files
 */
export function usePackFiles(wanted: ReadonlyMap<string, string>): () => void {
  const before = files;
  files = wanted;
  generation++;
  return () => {
    files = before;
    generation++;
  };
}

/** The text of a file of the pack; undefined if the program's own file counts. */
export const packFile = (path: string): string | undefined => files.get(path);

/** A number that changes with each call of `usePackFiles`. */
export const packGeneration = (): number => generation;

/** Makes a value once for each generation of the pack's files. */
export function oncePerPack<T>(make: () => T): () => T {
  let made: { readonly value: T; readonly of: number } | undefined;
  return () => {
    if (made?.of !== generation) made = { value: make(), of: generation };
    return made.value;
  };
}
