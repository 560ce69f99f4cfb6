import { execa } from 'execa';

/** Runs a program, and measures its CPU time by bash's own `time`. @returns cpu in seconds */
export async function timed(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ stdout: string; stderr: string; cpu: number }> {
  const script = `TIMEFORMAT='%U %S'; time "$@"`;
  const { stdout, stderr } = await execa('bash', ['-c', script, 'bash', ...words], {
    env: { LC_ALL: 'C', ...env },
    reject: false,
    maxBuffer: 1 << 28,
  });
  const [user = 0, system = 0] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return { stdout, stderr, cpu: user + system };
}
