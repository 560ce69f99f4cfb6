import { whiteListed } from '../../active-response/guard/white-list.ts';
import type { Home } from '../../active-response/home.ts';
import { type Block, hasEnded, readBlock } from '../../active-response/ledger.ts';
import { readOssecConf } from '../../active-response/ossec-conf.ts';
import { addressesIn, overlaps, parseTarget } from '../../base/address.ts';
import { RiposteError } from '../../base/errors.ts';
import { answersInConf, placesOf } from './answers-in-conf.ts';
import type { Notice } from './notice.ts';

/** The responses whose ledgers are read. Names only, so that no backend is loaded. */
export const RESPONSE_NAMES = [
  'firewall-drop',
  'route-null',
  'apache-deny',
  'nginx-deny',
  'haproxy-deny',
  'cloudflare-deny',
];

/** The blocks of an address in the ledger that have not ended. Empty when the text is not an address. */
export function blocksOf(home: Home, text: string | undefined, now = Date.now()): Block[] {
  return addressesIn(text, parseTarget).flatMap((address) =>
    RESPONSE_NAMES.flatMap((response) => {
      const block = readable(() => readBlock(home, response, address.text));
      return block && !hasEnded(block, now) ? [{ ...block, response }] : [];
    }),
  );
}

/**
 * Lists the responses that block the address of an alert, with their end and the command that undoes them; a line each.
 */
export function whatWasDone(
  home: Home,
  notice: Pick<Notice, 'address' | 'ruleId' | 'ruleLevel' | 'location'>,
): string[] {
  const { address } = notice;
  const [target] = addressesIn(address, parseTarget);
  if (target === undefined)
    return [
      address === undefined
        ? 'The alert names no address to block.'
        : `${address} is not an address to block.`,
    ];
  const blocks = blocksOf(home, target.text);
  if (blocks.length === 0)
    return [...notBlockedHere(home, notice), `To block it here: riposte block ${target.text}`];
  return [
    ...blocks.map(describe),
    `To unblock it:    riposte unblock ${target.text}`,
    `To allow it:      riposte allow ${target.text}`,
  ];
}

/**
 * Explains why this host does not block the address. Names the responses that a manager orders on other hosts, because
 * the ledgers of this host do not contain their blocks.
 */
function notBlockedHere(
  home: Home,
  notice: Pick<Notice, 'address' | 'ruleId' | 'ruleLevel' | 'location'>,
): string[] {
  const [address] = addressesIn(notice.address, parseTarget);
  const listed =
    address && readable(() => whiteListed(readOssecConf(home)).find((each) => overlaps(each, address)));
  if (listed)
    return [`The address is in the white_list of ossec.conf (${listed.text}): no response blocks it.`];
  const answers = readable(() => answersInConf(readOssecConf(home), notice)) ?? [];
  const lines = answers.flatMap(({ command, ...answer }) => {
    const places = placesOf({ command, ...answer }, notice.location);
    const elsewhere = places.filter((place) => place !== 'here');
    return [
      ...(elsewhere.length > 0
        ? [`ossec.conf orders ${command} (location ${answer.location}) on ${elsewhere.join(' and ')}.`]
        : []),
      ...(places.includes('here')
        ? [
            `ossec.conf orders ${command} (location ${answer.location}) on this host, but the address is not blocked here: see riposte history ${notice.address}`,
          ]
        : []),
    ];
  });
  const isElsewhere = answers.some((answer) =>
    placesOf(answer, notice.location).some((place) => place !== 'here'),
  );
  if (lines.length === 0) return ['No response on this host blocks the address.'];
  return [
    ...lines,
    ...(isElsewhere ? [`To see the block: riposte status ${notice.address}, on the agent`] : []),
    ...(isElsewhere ? [`To unblock it:    riposte unblock ${notice.address}, on the agent`] : []),
  ];
}

function describe({ response, until, offence, backend, failed }: Block): string {
  if (failed !== undefined) return `${response} could NOT block the address: ${failed}`;
  const end = until === null ? 'until the manager or an operator unblocks it' : `until ${timeText(until)}`;
  return `${response} blocks the address ${end} (offence ${offence}, by ${backend}).`;
}

/** `2026-11-20 09:15:36 UTC`. */
export const timeText = (time: string): string => `${time.slice(0, 19).replace('T', ' ')} UTC`;

/** Skips a damaged ledger entry: riposte doctor reports it. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RiposteError) return undefined;
    throw error;
  }
}
