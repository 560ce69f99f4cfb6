/** handshake.test.ts starts this program, which asks the manager about a key and prints the reply on stderr. */
import { checkKeys } from '../../../active-response/protocol/handshake.ts';
import { LineReader } from '../../../active-response/protocol/line-reader.ts';

const answer = await checkKeys(process.argv[2] ?? '', process.argv[3] ?? '', new LineReader(process.stdin));
process.stderr.write(answer);
process.exit();
