import { holdsPrivate, protector, type Surroundings } from '../active-response/guard/guard.ts';
import { loggedInFrom } from '../active-response/guard/logged-in.ts';
import type { Home } from '../active-response/home.ts';
import { ipv6Prefix } from '../active-response/networks.ts';
import { readOssecConf } from '../active-response/ossec-conf.ts';
import type { Settings } from '../active-response/settings/settings.ts';
import { type Address, addressesIn, firstHost, overlaps, parseAddress, parseHost } from '../base/address.ts';
import { utf8 } from '../base/bytes.ts';
import { RiposteError } from '../base/errors.ts';
import { type Executor, realExecutor } from '../base/execute.ts';
import { reused } from '../base/reused.ts';
import { SharedSources } from '../judgement/sources/shared-sources.ts';
import { cdnOf } from '../logs/proxies/trusted-proxies.ts';
import { canonicalHost, sourceNetwork } from '../logs/source-network.ts';
import type { Detection } from './detection.ts';
import { whyHeldAsProxy, whyHeldAsShared } from './proxy-remark.ts';
import { RobotProofs } from './robots/robot-proofs.ts';

/** The reason why a source is not blocked: it is protected (held), or it is not the address of one host (refused). */
export interface Objection {
  readonly word: 'held' | 'refused';
  readonly reason: string;
  /** True for a proved robot: the journal then records that the robot was held. */
  readonly isRobot?: boolean;
}

/** The installation for which sources are judged. */
export interface GuardedHost {
  /** Undefined for no installation: then there is no allow list and no manager. */
  readonly home: Home | undefined;
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  /** Tells which robots have proved their identity; by default only by published ranges. */
  readonly robots?: RobotProofs;
}

/** The source of a detection, the detection's time, and the claim on which it depends. */
export type DetectedSource = Pick<Detection, 'address' | 'time' | 'claim'>;

/** The time for which protected addresses are reused before they are read again, in milliseconds. */
const FRESH = 3000;

/**
 * Decides which sources of detections are not blocked, and why. serve, scan, replay and the hook all use it. A source
 * is a byte string, as in the engine.
 */
export class SourceGuard {
  /** The sources that many clients share. RequestJudge finds them. */
  readonly shared = new SharedSources();
  readonly robots: RobotProofs;
  /** The length of the IPv6 prefix that counts as one source. */
  readonly ipv6Prefix: number;
  readonly #guard: () => (address: Address) => string | undefined;
  readonly #loggedIn: () => ReadonlySet<string>;

  /**
   * @param executor lists the routes
   * @param clock milliseconds of a monotonic clock
   * @param root of the file system with the host's sessions
   */
  constructor(
    host: GuardedHost,
    executor: Executor = realExecutor(host.settings.commandTimeout, host.env),
    clock = () => performance.now(),
    root = '/',
  ) {
    this.robots = host.robots ?? new RobotProofs();
    this.ipv6Prefix = ipv6Prefix({ source: 'server' }, host.settings);
    this.#guard = reused(() => protector(surroundingsOf(host, executor)), clock, FRESH);
    this.#loggedIn = reused(() => loggedInFrom(root), clock, FRESH);
  }

  /** The network of the address that counts as one source. */
  networkOf(source: string): string {
    return sourceNetwork(source, this.ipv6Prefix);
  }

  /**
   * Returns Riposte's reason for holding a source, if the scripts do not know that reason.
   *
   * @returns undefined for other sources
   */
  held({ address: source, time, claim }: DetectedSource): Objection | undefined {
    const address = utf8(source);
    const reason =
      whyHeldAsProxy(address) ??
      (this.shared.has(this.networkOf(source), time) ? whyHeldAsShared(address) : undefined) ??
      this.#whyHeldAsLogin(source);
    if (reason !== undefined) return { word: 'held', reason };
    const proof = claim && this.robots.proof(source, claim.userAgent);
    return proof === undefined ? undefined : { word: 'held', reason: proof, isRobot: true };
  }

  /**
   * Waits for the proof of a detection that depends on it, at most PROOF_PATIENCE.
   *
   * @returns false if the detection does not hold: the source may be a robot, and has not reached a robot's limit
   */
  async holds({ address, claim }: DetectedSource): Promise<boolean> {
    if (!claim) return true;
    await this.robots.settled(address);
    if (claim.holds === 'unless proved') return true;
    const standing = this.robots.standing(address, claim.userAgent);
    return standing === 'proved' || standing === 'disproved';
  }

  /**
   * Returns the reason why a source is not an address of one host: a name, `-`, a prefix.
   *
   * @returns undefined for an address
   */
  refused({ address: source }: DetectedSource): Objection | undefined {
    const address = hostIn(source);
    return address instanceof RiposteError ? { word: 'refused', reason: address.message } : undefined;
  }

  /**
   * Returns the reason why this source would not be blocked, including the reasons of the scripts' guard.
   *
   * @throws RiposteError (CONFIG) when the allow list cannot be read
   */
  objection(source: DetectedSource): Objection | undefined {
    return this.held(source) ?? this.refused(source) ?? this.#guarded(source);
  }

  /** True if Riposte holds a source in this network for a reason that the scripts do not know. @param time seconds since 1970 */
  holdsIn(network: Address, time: number): boolean {
    const isIn = (text: string) => addressesIn(text).some((each) => overlaps(each, network));
    const known = [...this.#loggedIn(), ...this.shared.all(time)];
    return cdnOf(firstHost(network)) !== undefined || known.some(isIn);
  }

  /** Reads the protected addresses now. @throws RiposteError (CONFIG, NOPERM) when one of their files cannot be read */
  check(): void {
    this.#guard()(parseAddress('192.0.2.1'));
  }

  #guarded({ address: source }: DetectedSource): Objection | undefined {
    const address = hostIn(source);
    const reason = address instanceof RiposteError ? undefined : this.#guard()(address);
    return reason === undefined ? undefined : { word: 'held', reason };
  }

  /**
   * Unlike `hostIn`, this does not parse the address, because parsing a flood of addresses would delay the reading of
   * logs.
   */
  #whyHeldAsLogin(source: string): string | undefined {
    const loggedIn = this.#loggedIn();
    const isLogin = loggedIn.size > 0 && loggedIn.has(canonicalHost(utf8(source)));
    return isLogin ? 'a user is logged in to this host from this address' : undefined;
  }
}

function surroundingsOf({ home, settings, env }: GuardedHost, executor: Executor): Surroundings {
  const allowPrivate = holdsPrivate(settings, 'server');
  const ossecConf = home && readOssecConf(home);
  return { allowList: home?.allowList, env, allowPrivate, executor, ossecConf, byHand: 'maybe' };
}

function hostIn(source: string): Address | RiposteError {
  try {
    return parseHost(utf8(source));
  } catch (error) {
    if (error instanceof RiposteError) return error;
    throw error;
  }
}
