import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { guessedArchive } from '../../../judgement/sources/guessed-archive.ts';

test('names an archive of general words, letters and numbers', () => {
  assert.is(guessedArchive('/b.rar'), 'b.rar');
  assert.is(guessedArchive('/WWW_old.zip'), 'www-old.zip');
  assert.is(guessedArchive('/source.tar.gz'), 'source.tar.gz');
});

test('gives the same name to archives that differ only in numbers or dates', () => {
  for (const target of ['/1.zip', '/17.zip', '/2024.zip', '/20240131.zip'])
    assert.is(guessedArchive(target), '#.zip', target);
  assert.is(guessedArchive('/backup-2024-01.tar.gz'), 'backup-#-#.tar.gz');
  assert.is(guessedArchive('/backup2.tar.gz'), 'backup#.tar.gz');
});

test('names no archive of one site or program, and no archive in a folder', () => {
  for (const target of [
    '/app-1.2.zip',
    '/thesis.pdf.zip',
    '/linux-6.1.tar.xz',
    '/courses/1.zip',
    '/.zip',
    '/zip',
  ])
    assert.is(guessedArchive(target), undefined, target);
  assert.is(guessedArchive('/1.zip?token=5'), undefined);
  assert.is(guessedArchive('http://www.example.net/1.zip'), undefined);
});

test.run();
