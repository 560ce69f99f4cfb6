import type { ServerConfiguration } from '../../logs/configuration/configured-log.ts';
import { type Judged, orOk, problem } from '../finding.ts';
import { type Coverage, coverageOf } from '../web-server-logs.ts';
import type { Check } from './check.ts';

/** `%h`, `%>h`, `%{c}h`: the client's name if Apache has looked it up. */
const CLIENT_NAME = /%[<>!,\d]*(?:\{c\})?h/;

/**
 * Checks that Apache does not log names in place of addresses. A client's owner chooses its name (PTR), which may be
 * `198.51.100.99`, and no reader could distinguish that name from an address.
 */
export const hostNames: Check = (examined) => {
  const configurations = examined.webServers();
  if (configurations.length === 0) return [];
  const coverage = coverageOf(examined);
  return orOk(
    configurations.flatMap((each) => withNames(each, coverage)),
    'no log that Riposte or the manager reads has names in place of addresses',
  );
};

function withNames({ logs, nameLookups }: ServerConfiguration, coverage: Coverage): Judged[] {
  const [lookup, ...more] = nameLookups;
  if (lookup === undefined) return [];
  const cause = `${lookup.place} (${lookup.text})${more.length === 0 ? '' : `, and ${more.length} more,`}`;
  return logs
    .filter(({ kind, format }) => kind === 'access' && CLIENT_NAME.test(format?.text ?? ''))
    .filter((log) => coverage.isRead(log))
    .map(({ path, place }) =>
      problem(
        `${cause} makes Apache write the names of clients to ${path} (%h), and a client can choose its name, such as 198.51.100.99`,
        `write %a instead of %h in the LogFormat of ${place}, then reload Apache`,
      ),
    );
}
