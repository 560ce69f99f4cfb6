/** The manager whose decoders and rules are read. They differ in options, frequencies and counting of repeats. */
export type Dialect = 'ossec' | 'wazuh';
