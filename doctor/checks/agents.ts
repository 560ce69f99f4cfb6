import { statSync } from 'node:fs';
import { join } from 'node:path';
import { counted } from '../../base/counted.ts';
import { readIfThere } from '../../base/files.ts';
import { namesIn } from '../../base/names-in.ts';
import { waitsForAgents } from '../../install/manager/manager.ts';
import type { Examination } from '../examination.ts';
import { orOk, warning } from '../finding.ts';
import type { Check } from './check.ts';

/** An agent is away if it was silent for this time before the server started, in milliseconds (NOTIFY_TIME * 3). */
const AWAY = 1_830_000;

/**
 * Names the agents from which an OSSEC server has received no message since it started: the server sends them no
 * response. Each control message of an agent renews its file in queue/agent-info (save_controlmsg in
 * remoted/manager.c).
 */
export const agents: Check = (examined) => {
  const { manager, daemons, home } = examined;
  const started = daemons.find(({ name }) => name === 'remoted')?.started;
  if (manager === undefined || !waitsForAgents(manager) || started === undefined) return [];
  const names = agentNames(examined);
  if (names.length === 0) return [];
  const heard = heardIn(join(home.root, 'queue/agent-info'));
  const waiting = names.filter((name) => {
    const last = Math.max(
      0,
      ...heard.filter(({ file }) => file.startsWith(`${name}-`)).map(({ time }) => time),
    );
    return last < started && last > started - AWAY;
  });
  const list = waiting.join(', ');
  const seen = `since its start, the server has received no message from ${list}: ${waiting.length === 1 ? 'this agent runs no response until its' : 'these agents run no response until their'} next message, within 10 minutes`;
  const fix = `wait, or on each of these agents: ${home.root}/bin/ossec-control restart; to shorten the wait permanently, write <notify_time>60</notify_time> into the <client> of their ossec.conf`;
  return orOk(
    waiting.length > 0 ? [warning(seen, fix)] : [],
    `no agent waits for its next message (${counted(names.length, 'agent has a key', 'agents have keys')})`,
  );
};

/** The names in client.keys: `001 web 192.0.2.2 KEY`. A removed agent's line begins with `#` or `!` after its number. */
const agentNames = ({ home }: Examination): string[] =>
  (readIfThere(join(home.root, 'etc/client.keys')) ?? '').split('\n').flatMap((line) => {
    const [, name] = /^\d+ ([^\s#!]\S*) \S+ \S+$/.exec(line.trim()) ?? [];
    return name ?? [];
  });

/** The files of a directory, with the times of their last changes. */
const heardIn = (directory: string): { readonly file: string; readonly time: number }[] =>
  namesIn(directory).flatMap((file) => {
    const time = statSync(join(directory, file), { throwIfNoEntry: false })?.mtimeMs;
    return time === undefined ? [] : [{ file, time }];
  });
