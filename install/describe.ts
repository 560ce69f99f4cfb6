import { createTwoFilesPatch } from 'diff';
import { utf8 } from '../base/bytes.ts';
import { printable } from '../base/printable.ts';
import type { Step } from './file-plan.ts';

const DONE = { make: 'made', replace: 'replaced', keep: 'kept', link: 'linked', remove: 'removed' } as const;

/** Describes a step that would be done, or was done. */
export function describeStep(step: Step, inside: (path: string) => string, isDone: boolean): string {
  const verb = isDone ? DONE[step.does] : `would ${step.does}`;
  if (step.does === 'remove') return `${verb} ${inside(step.path)}`;
  if (step.does === 'keep')
    return `${inside(step.path)} was edited since it was installed: ${verb} the edit as ${inside(step.as)}`;
  if (step.does === 'link') return `${verb} ${inside(step.link.path)} -> ${step.link.target}`;
  const { path, uid, gid, mode, bytes } = step.file;
  return `${verb} ${inside(path)} (${uid}:${gid} 0${mode.toString(8)}, ${bytes.length} bytes)`;
}

/** The differences between two texts (latin1), as `diff -u` prints them. */
export function unifiedDiff(file: string, before: string, after: string): string[] {
  const [, ...lines] = createTwoFilesPatch(file, file, before, after).trimEnd().split('\n');
  return lines.map((line) => line.split('\t').map(harmless).join('\t'));
}

const harmless = (text: string): string => printable(utf8(text), Number.POSITIVE_INFINITY);
