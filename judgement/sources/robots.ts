import { ownCopy } from '../../base/own-copy.ts';

/**
 * Names of crawlers, monitors, feed readers, link checkers, package managers, archives, SEO robots, players, and clients
 * of shared files, stores and social networks. A claim proves nothing, so a name gives its source only a higher limit of
 * missing pages.
 */
const ROBOTS = new RegExp(
  [
    // Crawlers and previews
    String.raw`bot\b|bot[/_ -]|crawl|spider|slurp|facebookexternalhit|meta-external|mediapartners|google-|googleother`,
    'bingpreview|ips-agent|ia_archiver|archive|heritrix|nutch|httrack|mastodon|pleroma|whatsapp|embedly|preview',
    String.raw`duckassist|perplexity|yahoo|yandex|baidu|sogou|qwant|seznam|naver|yeti\/|ccbot|scrapy`,
    // SEO and link checkers
    'screaming frog|semrush|ahrefs|majestic|sistrix|ryte|seokicks|siteimprove|sitebulb|lighthouse',
    'checklink|link ?check|linkwalker|validator|broken.?link|xenu|lychee|deadlink',
    // Monitors
    'uptime|monitor|pingdom|statuscake|nagios|check_http|icinga|zabbix|munin|prometheus|blackbox|datadog',
    String.raw`newrelic|site24x7|healthcheck|kube-probe|elb-health|ssl ?labs|hetrix|updown\.io|gatus`,
    // Feed readers and podcast players
    String.raw`feed|\brss|freshrss|miniflux|newsblur|inoreader|feedly|newsboat|liferea|akregator|podcast|antennapod`,
    'overcast|pocket ?casts|castro',
    // Package managers
    String.raw`apt-http|apt-cacher|\bapt\/|libdnf|\bdnf\/|\byum\/|urlgrabber|zypp|pacman|\bapk-tools|docker\/|containerd`,
    String.raw`podman|skopeo|buildkit|\bpip\/|\buv\/|\bpoetry\/|\bnpm\/|\byarn\/|\bpnpm\/|composer\/|bundler\/|rubygems`,
    String.raw`\bmaven|gradle|\bcargo|nuget|homebrew|\bgit\/|\bgo-get|conda\/|helm\/|opkg|flatpak|ostree`,
    // Clients of shared files and calendars
    String.raw`mirall|nextcloud|owncloud|davx5|davdroid|dataaccessd|calendaragent|webdav|davfs|gvfs\/|\brclone|cadaver`,
    String.raw`cyberduck|mountain duck|seafile|syncthing|thunderbird|evolution\/|\bcups\/|home ?assistant|openhab`,
    // Clients of stores, and servers of social networks
    String.raw`\baws-(?:sdk|cli)|\bs3cmd|\bminio|\brestic|\bduplicati|\bsynapse\/|\bdendrite|misskey|lemmy|gotosocial|peertube`,
    // Players, which look for texts, pictures and maps beside a file
    String.raw`\bkodi\/|\bplex|jellyfin|\bemby|\binfuse|\bvlc\/|\blavf\/|\bmpv |half-life|valve\/`,
  ].join('|'),
  'i',
);

/**
 * True for a client that claims to be a robot. A proof belongs to the source, not to the agent: RequestJudge asks
 * `RobotProof` for it.
 */
export const claimsToBeRobot = (userAgent: string): boolean => ROBOTS.test(userAgent);

/**
 * The state of a source that claims to be a robot. `proved`: not blocked for bursts and probes. `disproved`: counts as
 * an ordinary visitor. `unknown`: has the robots' limit of missing pages. `pending`: a look-up has begun, after which
 * the state will be one of the other three.
 */
export type RobotStanding = 'proved' | 'disproved' | 'unknown' | 'pending';

/**
 * Returns a robot's state. Must return at once: a look-up runs while logs are read. Called only for a source that has
 * reached a limit.
 */
export type RobotProof = (client: string, userAgent: string) => RobotStanding;

/** The claim of a source to be a robot, on which a verdict depends. */
export interface RobotClaim {
  readonly userAgent: string;
  /**
   * `unless proved`: the verdict also holds if the claim can be neither proved nor disproved. `if disproved`: the
   * verdict holds only if the claim is disproved.
   */
  readonly holds: 'unless proved' | 'if disproved';
}

/** The number of characters of a claim's user agent that are kept. */
const LONGEST_AGENT = 500;

export const claimOf = (userAgent: string, holds: RobotClaim['holds']): RobotClaim => ({
  userAgent: ownCopy(userAgent.slice(0, LONGEST_AGENT)),
  holds,
});

/** A proof that makes no look-up. */
export const NO_PROOF: RobotProof = () => 'unknown';
