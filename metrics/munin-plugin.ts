/** True for a path in munin-node's directory of plugins: /etc/munin/plugins/riposte. */
export const isMuninPlugin = (program: string): boolean => /\/munin\/plugins\/[^/]+$/.test(program);
