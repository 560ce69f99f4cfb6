/** A server of nothing but the report socket: DIRECTORY [GROUP]. Prints `listening`, then a JSON line a report. */
import { listenForReports, newCounters } from '../../cli/serve/report-socket.ts';
import { LIMITS } from '../../cli/serve/socket/limits.ts';

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
