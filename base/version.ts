declare const RIPOSTE_VERSION: string | undefined;
declare const RIPOSTE_COMMIT: string | undefined;

/** The version of the build; `source` when the program runs from its sources. */
export const VERSION: string = typeof RIPOSTE_VERSION === 'string' ? RIPOSTE_VERSION : 'source';

/** The version with the commit that was built and the running Node, for `riposte --version`. */
export const describeVersion = (): string => {
  const commit = typeof RIPOSTE_COMMIT === 'string' ? `commit ${RIPOSTE_COMMIT}, ` : '';
  return `${VERSION} (${commit}Node ${process.versions.node})`;
};
