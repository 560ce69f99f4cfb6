import { type Address, overlaps, parseAddress } from '../../base/address.ts';
import { oncePerPack, packFile } from '../../base/pack-overlay.ts';
import { isInDomain } from './host-name.ts';
import own from './operators.json' with { type: 'json' };

/** An operator of robots that can prove their identity. */
export interface Operator {
  /** The name of its robots, for messages. */
  readonly name: string;
  /** The words in its robots' user agents. */
  readonly agents: RegExp;
  /** The domains of its robots' host names; none if only its ranges prove anything. */
  readonly domains: readonly string[];
  /** Host names in these domains that prove nothing: fetchers that any user can send out. */
  readonly notNames?: RegExp | undefined;
  /**
   * True if the operator says that each of its robots has a name in these domains, so a client without one is not its
   * robot.
   */
  readonly alwaysHasName: boolean;
  readonly ranges?: PublishedRanges | undefined;
  /** The operator's page about these names or addresses, or a list that cites the operator. */
  readonly source: string;
}

/** The addresses of robots, as their operator publishes them. */
export interface PublishedRanges {
  /** The day on which the operator's list had these addresses, `YYYY-MM-DD`. */
  readonly date: string;
  readonly prefixes: readonly Address[];
}

/** An operator in operators.json: its expressions and addresses are texts. */
interface WrittenOperator extends Omit<Operator, 'agents' | 'notNames' | 'ranges'> {
  readonly agents: string;
  readonly notNames?: string;
  readonly ranges?: { readonly date: string; readonly prefixes: readonly string[] };
}

/** The list of this program. */
export const ownOperators: readonly WrittenOperator[] = own;

/** The path of the list in a pack of rules. */
export const OPERATORS_FILE = 'evaluate/robots/operators.json';

/**
 * The operators of operators.json, or of the pack in force. A robot whose operator is not in the list can prove
 * nothing. The list omits on purpose:
 * - googleusercontent.com: the hosts of all users of Google's cloud have names in this domain, some of them
 *   forward-confirmed;
 * - Google's user-triggered fetchers, which fetch pages for any user;
 * - DuckDuckBot: its list has 400 single rented addresses, which other people will rent later;
 * - Facebook, which publishes only the number of its network.
 *
 * @throws RiposteError or SyntaxError for a wrong list, which only a pack can hold
 */
export const operators: () => readonly Operator[] = oncePerPack(() => {
  const text = packFile(OPERATORS_FILE);
  return (text === undefined ? ownOperators : (JSON.parse(text) as WrittenOperator[])).map(operatorOf);
});

function operatorOf({ agents, notNames, ranges, ...others }: WrittenOperator): Operator {
  return {
    ...others,
    agents: new RegExp(agents, 'i'),
    notNames: notNames === undefined ? undefined : new RegExp(notNames),
    ranges: ranges && { date: ranges.date, prefixes: ranges.prefixes.map(parseAddress) },
  };
}

/** The operators that a user agent names; mostly none or one. */
export const operatorsIn = (userAgent: string): Operator[] =>
  operators().filter(({ agents }) => agents.test(userAgent));

/** True if a host name is in a domain of any operator. */
export const isOperatorName = (name: string): boolean =>
  operators().some((operator) => isNameOf(operator, name));

/** True if a host name proves a robot of the operator. */
export const isNameOf = ({ domains, notNames }: Operator, name: string): boolean =>
  domains.some((domain) => isInDomain(name, domain)) && notNames?.test(name) !== true;

/** True if the operator publishes this address as one of its robots. */
export const isPublished = ({ ranges }: Operator, address: Address): boolean =>
  ranges?.prefixes.some((range) => overlaps(range, address)) ?? false;
