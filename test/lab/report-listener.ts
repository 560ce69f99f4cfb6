/** A server with only the report socket. Arguments: DIRECTORY [GROUP]. Prints `listening`, and each report as JSON. */
import { listenForReports } from '../../serve/report-socket.ts';
import { LIMITS } from '../../serve/socket/limits.ts';
import { newCounters } from '../../serve/socket/listen-options.ts';

const [, , directory = '', group] = process.argv;
const server = await listenForReports({
  directory,
  group,
  limits: LIMITS,
  counters: newCounters(),
  onReport: (report) => {
    console.log(JSON.stringify(report));
    return 'accepted';
  },
});
console.log('listening');
process.once('SIGTERM', () => server.close());
