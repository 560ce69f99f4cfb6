import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MODULES = '/usr/lib/apache2/modules';

/** The built hook at a path where Apache's user can run it, and a rule of ModSecurity that runs it. */
export class ModSecurityHook {
  private constructor(readonly root: string) {}

  static async create(): Promise<ModSecurityHook> {
    const root = await mkdtemp(join(tmpdir(), 'riposte-hook-'));
    await chmod(root, 0o755);
    await copyFile('dist/modsec-exec.js', join(root, 'modsec-exec.js'));
    return new ModSecurityHook(root);
  }

  get script(): string {
    return join(this.root, 'modsec-exec.js');
  }

  /** The directory of the socket. */
  get run(): string {
    return join(this.root, 'run');
  }

  get socket(): string {
    return join(this.run, 'report.sock');
  }

  /** Apache's configuration that switches ModSecurity on. */
  readonly modules = [
    `LoadModule unique_id_module ${MODULES}/mod_unique_id.so`,
    `LoadModule security2_module ${MODULES}/mod_security2.so`,
    'SecRuleEngine On',
  ].join('\n');

  /** `modules`, and a rule that denies and reports requests for /attack. @param node the interpreter */
  rules(node: string): string {
    return `${this.modules}\n${this.rule(node)}`;
  }

  /** Only the rule of `rules`, without `modules`. */
  rule(node: string): string {
    const actions = [
      "id:999004,phase:1,deny,status:403,log,msg:'an attack'",
      "setenv:'RIPOSTE_RULE=%{rule.id}',setenv:'RIPOSTE_MESSAGE=%{rule.msg}'",
      `setenv:RIPOSTE_SOCKET=${this.socket},setenv:RIPOSTE_NODE=${node}`,
      `exec:${this.script}`,
    ];
    return `SecRule REQUEST_URI "@contains /attack" "${actions.join(',')}"`;
  }

  /** A stand-in for Node that writes `+`, waits for the file `go`, and then writes `-`, or `x` if no file appeared. */
  async slowNode(): Promise<string> {
    const file = join(this.root, 'slow-node');
    await writeFile(join(this.root, 'log'), '');
    await chmod(join(this.root, 'log'), 0o666);
    const loop = 'for i in $(seq 1000); do [ -e go ] && printf - >>log && exit; sleep 0.1; done';
    await writeFile(file, `#!/bin/sh\ncd ${this.root}\nprintf + >>log\n${loop}\nprintf x >>log\n`);
    await chmod(file, 0o755);
    return file;
  }

  go = (): Promise<void> => writeFile(join(this.root, 'go'), '');

  log = (): Promise<string> => readFile(join(this.root, 'log'), 'utf8');

  /** Removes the directory. Retries, because a hook in the background may still write into the directory. */
  remove = (): Promise<void> => rm(this.root, { recursive: true, force: true, maxRetries: 20 });
}
