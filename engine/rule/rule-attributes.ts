import type { Dialect } from '../dialect.ts';
import { configError } from '../failure.ts';
import type { Element } from '../xml/element.ts';

/** The attributes of `<rule>`. Times are in seconds. */
export interface RuleAttributes {
  id: number;
  level: number;
  maxsize: number;
  timeframe: number;
  frequency: number;
  accuracy: number;
  ignore: number;
  isNoAlert: boolean;
  overwrites: boolean;
}

/** The number of digits that OSSEC reads of each number. */
const DIGITS: Readonly<Record<string, number>> = {
  id: 6,
  level: 4,
  maxsize: 4,
  timeframe: 5,
  frequency: 4,
  accuracy: 4,
  ignore: 6,
};

/** The value of analysisd.default_timeframe in internal_options.conf, in seconds. */
const DEFAULT_TIMEFRAME = 360;

/** @throws RiposteError (CONFIG) for an unknown attribute, a bad value, or a missing id or level */
export function ruleAttributes(element: Element, dialect: Dialect): RuleAttributes {
  const numbers: Record<string, number> = { timeframe: DEFAULT_TIMEFRAME, accuracy: 1 };
  let isNoAlert = false;
  let overwrites = false;
  for (const { name: written, value } of element.attributes) {
    const name = written.toLowerCase();
    const digits = DIGITS[name];
    if (digits !== undefined) {
      if (!/^\d+$/.test(value))
        throw configError(element.position, `a rule has ${name}="${value}", which is not a number`);
      numbers[name] = Number(value.slice(0, digits));
    } else if (name === 'noalert') {
      isNoAlert = dialect === 'ossec' || value !== '0';
    } else if (name === 'overwrite') {
      if (value !== 'yes' && value !== 'no')
        throw configError(element.position, `a rule has overwrite="${value}"; use yes or no`);
      overwrites = value === 'yes';
    } else {
      throw configError(element.position, `a rule has an unknown attribute '${written}'`);
    }
  }
  const { id, level, maxsize = 0, timeframe = 0, frequency = 0, accuracy = 1, ignore = 0 } = numbers;
  if (id === undefined || level === undefined)
    throw configError(element.position, 'a rule needs an id and a level');
  return { id, level, maxsize, timeframe, frequency, accuracy, ignore, isNoAlert, overwrites };
}
