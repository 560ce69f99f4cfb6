/** Whose decoders and rules these are. They differ in options, in frequencies and in how repeats are counted. */
export type Dialect = 'ossec' | 'wazuh';
