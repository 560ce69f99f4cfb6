/** The manager whose decoders and rules are read. Managers differ in options, frequencies and counting of repeats. */
export type Dialect = 'ossec' | 'wazuh';
