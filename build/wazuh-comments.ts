/**
 * Comments about OSSEC that do not hold for Wazuh. The sources are for OSSEC, so the build replaces each of these texts
 * in the files for Wazuh 4. A test checks that every text is found, and that no other comment there names OSSEC.
 */
const COMMENTS: readonly (readonly [ossec: string, wazuh: string])[] = [
  [
    `
  -  No level reaches 6: stock OSSEC answers every alert of level 6 and up with host-deny and
  -  firewall-drop, and a response to a failed response would fail, be logged and trigger another one.
`,
    `
  -  No level reaches 6, so a configuration that answers every alert of level 6 and up answers none of these. A
  -  response to a failed response would fail, be logged and trigger another one.
`,
  ],
  [
    `
  -  The cost on OSSEC: a check of each alert of the last 90 seconds (at most memory_size, 8192) for
  -  each 4xx, about`,
    `
  -  The cost: a check of each alert of the last 90 seconds (at most analysisd.memory_size, 8192) for
  -  each 4xx, about`,
  ],
  [
    `
  -  (On OSSEC a mark of level 9 and up by any other rule, also one of sshd, cuts a count short in turn.)
`,
    '\n',
  ],
  [
    `OSSEC's own counting rules lose most sources of a scan that comes
  -  from many at once; here each source is an alert,`,
    `It also judges what rules cannot count:
  -  page files, exceptions, proved crawlers. Each source is an alert,`,
  ],
  [
    `An agent's host name in
  -  OSSEC contains the log's name; for logs of the OSSEC server itself rules cannot see it, so no log that
  -  holds raw newlines (nginx's error log) may be read there.
`,
    `Wazuh tells
  -  rules the log's name, for the manager's own logs as well.
`,
  ],
  [
    `The log's name is known for an agent's logs on OSSEC,
  -  for all logs on Wazuh, and in riposte serve. A server of OSSEC that reads its own logs does not know it, so
  -  do not load nginx's error log there.
`,
    `Wazuh tells rules the log's name.
`,
  ],
  [
    `Load this file BEFORE the stock decoder.xml (ossec.conf.d/rules.xml does): the first decoder that
  -  matches a line wins,`,
    `This file's name sorts before those of the stock decoders: Wazuh reads decoders by name, the first that
  -  matches a line wins,`,
  ],
  [
    `Name the files that your server writes, and remove the others: OSSEC reports
  -  missing files.`,
    `Name the files that your server writes, and remove the others: Wazuh reports
  -  missing files.`,
  ],
  [
    `
    -  On an OSSEC server (not on its agents, and not with Wazuh) remove this one too: rules there do not know from which
    -  log a line comes. Let riposte serve read it, with the option alerts. -->`,
    ' -->',
  ],
  [
    `
  -  The stock configuration answers every alert of level 7 and up with host-deny and firewall-drop. Our active
  -  responses name their rules, so you see in one place which alerts block. Remove the stock responses, or expect
  -  them to block too.
  -
  -  agent_control runs a response by its command and timeout: agent_control -b 203.0.113.9 -f route-null600 -u 001.
`,
    `
  -  Wazuh's own configuration answers no alert. Our active responses name their rules, so you see in one place which
  -  alerts block.
  -
  -  agent_control runs a response by its command and timeout:
  -  agent_control -b 203.0.113.9 -f riposte-route-null600 -u 001.
`,
  ],
  [
    `Do not use the manager's <repeated_offenders>: OSSEC counts each alert about a blocked address as an offence,
    -  also the delayed alerts of a single scan, so the first scan may get the longest time; and execd forgets the count
    -  when it restarts.`,
    `Do not use <repeated_offenders>, which is set in the ossec.conf of each agent: execd forgets the count when it
    -  restarts.`,
  ],
  [
    `
  -  With "expect" the manager passes the source address, and runs nothing for an alert without one. With
  -  "timeout_allowed" the manager also asks for the block to end.
  -  The stock configuration has its own command firewall-drop (a shell script), so ours has another name.
`,
    `
  -  The manager passes the whole alert, and with "timeout_allowed" also asks for the block to end.
  -  Wazuh has commands firewall-drop and route-null of its own (C programs), so ours have other names.
`,
  ],
];

/** The XML with comments that are true of Wazuh. */
export function withWazuhComments(xml: string): string {
  let text = xml;
  for (const [ossec, wazuh] of COMMENTS) text = text.replaceAll(ossec, () => wazuh);
  return text;
}

/** The texts that must be found in the sources. */
export const OSSEC_COMMENTS: readonly string[] = COMMENTS.map(([ossec]) => ossec);
