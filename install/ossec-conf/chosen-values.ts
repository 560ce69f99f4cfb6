import { blockTime } from '../../active-response/settings/values.ts';
import { EX, RiposteError } from '../../base/errors.ts';
import { type Choice, DEFAULT, type RequestedChoice } from './choice.ts';

/** The places at which a manager runs a response; `local` is the host whose log raised the alert. */
const LOCATIONS = ['local', 'server', 'all'];

/** Checks the values of --timeout, --location and --level. @throws RiposteError (USAGE) */
export function demandValues({ timeout, location, level }: RequestedChoice): void {
  const isGiven = (text: string | undefined): text is string => text !== undefined && text !== DEFAULT;
  if (isGiven(timeout)) secondsOf(timeout);
  if (
    isGiven(location) &&
    !isAgent(location) &&
    !location.split(',').every((each) => LOCATIONS.includes(each))
  )
    throw usage('location', `one or several of ${LOCATIONS.join(', ')}, or the number of an agent`, location);
  if (isGiven(level) && !/^([1-9]|1[0-6])$/.test(level)) throw usage('level', '1 to 16', level);
}

/** The text of our commands and active responses with the chosen timeout, location and level. */
export function withChosenValues(text: string, choice: Choice): string {
  const responses = /( *)<active-response>[\s\S]*?<\/active-response>\n?/g;
  return text.replace(responses, (response, indent: string) => {
    const timed = choice.timeout === DEFAULT ? response : withTimeout(response, secondsOf(choice.timeout));
    const placed =
      choice.location === DEFAULT ? timed : timed.replace(/^( *)<location>.*\n/m, placeOf(choice));
    if (choice.level === DEFAULT || !answersLevels(response)) return placed;
    return placed.replace(/^ *<rules_id>/m, `${indent}  <level>${choice.level}</level>\n$&`);
  });
}

/** For a manager, only a missing timeout means a block without an end. */
const withTimeout = (response: string, seconds: number): string =>
  response.replace(
    /^( *<timeout>)\d+(<\/timeout>\n)/m,
    seconds === Number.POSITIVE_INFINITY ? '' : `$1${seconds}$2`,
  );

const placeOf = ({ location }: Choice): string =>
  isAgent(location)
    ? `$1<location>defined-agent</location>\n$1<agent_id>${location}</agent_id>\n`
    : `$1<location>${location}</location>\n`;

/**
 * True for a response that gets --level: the firewall's, and behind a proxy Apache's. One response for each command is
 * enough.
 */
const answersLevels = (response: string): boolean =>
  /<command>[\w-]*(firewall-drop|apache-deny)</.test(response) && !/<rules_id>31151</.test(response);

const isAgent = (location: string): boolean => /^\d{3,}$/.test(location);

function secondsOf(text: string): number {
  const seconds = blockTime(text);
  if (seconds !== undefined) return seconds;
  throw usage('timeout', 'a time such as 10m, 1h or 7d, or forever', text);
}

const usage = (option: string, form: string, text: string): RiposteError =>
  new RiposteError(
    EX.USAGE,
    `--${option} must be ${form}, or ${DEFAULT}, not '${text}'; nothing was changed`,
  );
