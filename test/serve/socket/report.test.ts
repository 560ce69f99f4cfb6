import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX, RiposteError } from '../../../base/errors.ts';
import { hasControls } from '../../../base/printable.ts';
import { type Message, readMessage } from '../../../serve/socket/report.ts';

/** Reads a line. @returns the message, or the error if the line is refused */
function read(line: string): Message | RiposteError {
  try {
    return readMessage(line);
  } catch (error) {
    assert.instance(error, RiposteError);
    return error as RiposteError;
  }
}

const fields = ['verb', 'address', 'method', 'uri', 'id', 'rule', 'message', '__proto__', 'constructor'];
const anything = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.jsonValue(),
  fc.constantFrom('report', 'ping', '203.0.113.9', '2001:db8::1', '203.0.113.0/24', '999004'),
);
/** A JSON object with some of the fields, which may occur twice. */
const object = fc
  .array(fc.tuple(fc.constantFrom(...fields), anything), { maxLength: 9 })
  .map((pairs) => `{${pairs.map(([name, value]) => `"${name}":${JSON.stringify(value)}`).join(',')}}`);

test('reads any line as a ping or a printable report, or refuses it with a printable reason', () => {
  fc.assert(
    fc.property(fc.oneof(object, fc.string({ unit: 'binary' }), fc.json()), (line) => {
      const message = read(line);
      if (message instanceof RiposteError) {
        assert.is(message.exitCode, EX.DATAERR);
        assert.not(hasControls(message.message));
      } else if (message.verb === 'report') {
        assert.match(message.report.address, /^[\da-f.:]+$/);
        for (const text of Object.values(message.report)) assert.not(hasControls(text));
      }
    }),
    { numRuns: 2000 },
  );
});

test('gives a report exactly the fields that were sent', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.webPath(), (address, uri) => {
      fc.pre(!address.startsWith('0.'));
      const message = read(JSON.stringify({ verb: 'report', address, uri }));
      const requestLine = uri.length > 400 ? `${uri.slice(0, 400)}…` : uri;
      assert.equal(message, { verb: 'report', report: { address, ...(uri && { requestLine }) } });
    }),
  );
});

test.run();
