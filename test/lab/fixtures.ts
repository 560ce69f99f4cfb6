import type { Test } from 'uvu';
import { Host } from './host.ts';
import { Installation } from './installation.ts';
import { createNetwork, type Network } from './network.ts';
import { RunningDaemon } from './running-daemon.ts';
import type { RunningServer } from './server.ts';
import { type Stop, startWebServer } from './web-server.ts';

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

/** Gives a suite one host, and each test a new installation. A test finds the kernel as the previous test left it. */
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

/** Gives a whole suite one network. */
export function allOnOneNetwork(test: Test, give: (network: Network) => void): void {
  let network: Network;
  test.before(async () => {
    network = await createNetwork();
    give(network);
  });
  test.after(() => network.remove());
}

/** Gives a whole suite one network, with a small web server on the network's web host. */
export function allOnOneSite(test: Test, give: (network: Network) => void): void {
  let stop: Stop;
  let network: Network;
  test.before(async () => {
    network = await createNetwork();
    give(network);
    stop = await startWebServer(network.web);
  });
  test.after(async () => {
    await stop();
    await network.remove();
  });
}

/** Kills a test's server at the end of the test. Register this hook before the hooks that remove the server's host. */
export function killServerAfterEach(test: Test, running: () => RunningServer | undefined): void {
  test.after.each(async () => {
    await running()?.end('SIGKILL');
  });
}

/**
 * Gives a suite one host. Before each test, flushes the host's firewall and starts `riposte respond`.
 *
 * @param running returns the daemon to end after a test, because a test may have started another daemon
 */
export function daemonBesideEach(
  test: Test,
  give: (host: Host, at: Installation, daemon: RunningDaemon) => void,
  running: () => RunningDaemon,
): void {
  let host: Host;
  let at: Installation;
  allOnOneHost(test, (...made) => {
    [host, at] = made;
  });
  test.before.each(async () => {
    await host.start(['nft', 'flush', 'ruleset'], {});
    give(host, at, at.daemon ?? (await RunningDaemon.start(at.home, host)));
  });
  test.after.each(async () => {
    await running().end('SIGKILL');
  });
}
