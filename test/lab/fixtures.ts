import type { Test } from 'uvu';
import { Host } from './host.ts';
import { Installation } from './installation.ts';

/** Gives a test its host and the installation on it. */
type Give = (host: Host, at: Installation) => void;

/** Gives each test of a suite a temporary host with a fresh installation. */
export function eachOnItsOwnHost(test: Test, give: Give, node?: string): void {
  let host: Host;
  let at: Installation;
  test.before.each(async () => {
    host = await Host.create('web');
    at = await Installation.create(host, node);
    give(host, at);
  });
  test.after.each(async () => {
    await host.remove();
    await at.remove();
  });
}

/** Gives a whole suite one host and one installation, for tests that leave no trace. */
export function allOnOneInstallation(test: Test, give: Give, node?: string): void {
  let host: Host;
  let at: Installation;
  test.before(async () => {
    host = await Host.create('web');
    at = await Installation.create(host, node);
    give(host, at);
  });
  test.after(async () => {
    await at.remove();
    await host.remove();
  });
}

/** The same with one host for the whole suite: a test finds the kernel as the previous test left it. */
export function allOnOneHost(test: Test, give: Give, node?: string): void {
  let host: Host;
  let at: Installation;
  test.before(async () => {
    host = await Host.create('web');
  });
  test.after(() => host.remove());
  test.before.each(async () => {
    at = await Installation.create(host, node);
    give(host, at);
  });
  test.after.each(() => at.remove());
}
