/** A child of handshake.test.ts: asks the manager about the key in its arguments, and prints the answer on stderr. */
import { checkKeys } from '../../../active-response/protocol/handshake.ts';
import { LineReader } from '../../../active-response/protocol/line-reader.ts';

const answer = await checkKeys(process.argv[2] ?? '', process.argv[3] ?? '', new LineReader(process.stdin));
process.stderr.write(answer);
process.exit();
