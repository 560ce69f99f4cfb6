import { constants } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EX, RiposteError } from '../../base/errors.ts';

test('uses the exit codes of sysexits.h', () => {
  assert.equal(EX, {
    OK: 0,
    USAGE: 64,
    DATAERR: 65,
    UNAVAILABLE: 69,
    SOFTWARE: 70,
    CANTCREAT: 73,
    IOERR: 74,
    TEMPFAIL: 75,
    NOPERM: 77,
    CONFIG: 78,
  });
});

test('uses no exit code by which a shell reports a signal or a program that it cannot run', () => {
  const signals = Object.values(constants.signals).map((signal) => 128 + signal);
  for (const code of Object.values(EX)) assert.not([126, 127, ...signals].includes(code), String(code));
});

test('gives the error an exit code and a message', () => {
  const error = new RiposteError(EX.TEMPFAIL, 'later');
  assert.instance(error, Error);
  assert.is(error.exitCode, 75);
  assert.is(error.message, 'later');
  assert.is(String(error), 'RiposteError: later');
});

test.run();
