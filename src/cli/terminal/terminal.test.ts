import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { OutputClosed } from '../world.ts';
import { clock, size, span, speedText } from './durations.ts';
import { nodeOutput } from './node-output.ts';
import { table } from './table.ts';

test('durations, sizes and speeds read as people write them', () => {
  expect([0, 59_999, 60_000, 3_599_999, 3_600_000, 36_061_000].map(clock)).toEqual([
    '0:00',
    '0:59',
    '1:00',
    '59:59',
    '1:00:00',
    '10:01:01',
  ]);
  expect([0, 1449, 59_949, 59_950, 61_000].map(span)).toEqual(['0.0 s', '1.4 s', '59.9 s', '0:59', '1:01']);
  expect([0, 999, 1000, 43_550_000, 999_600_000, 3.1e9].map(size)).toEqual([
    '?',
    '999 B',
    '1.00 kB',
    '43.5 MB',
    '1.00 GB',
    '3.10 GB',
  ]);
  expect([0.34, 8.44, 9.99, 31.4].map(speedText)).toEqual(['0.3×', '8.4×', '10.0×', '31×']);
});

test('a table is as wide as it must be', () => {
  expect(
    table(
      ['A', 'B'],
      [
        ['long', 'x'],
        ['', 'y'],
      ],
    ),
  ).toBe('A     B\nlong  x\n      y\n');
});

test('a reader that left is told apart from other failures', async () => {
  for (const [code, kind] of [
    ['EPIPE', OutputClosed],
    ['EIO', Error],
  ] as const) {
    const stream = new PassThrough();
    const output = nodeOutput(stream);
    stream.destroy(Object.assign(new Error(code), { code }));
    await expect(output.write('text')).rejects.toBeInstanceOf(kind);
  }
});

test('a full disk behind a stream is told by the stream and why, at every write', async () => {
  const failure = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const full = (fd: number): Writable & { readonly fd: number } =>
    Object.assign(new Writable({ write: (_chunk, _encoding, done) => done(failure) }), { fd });
  for (const [fd, message] of [
    [1, 'stdout: the disk is full'],
    [2, 'stderr: the disk is full'],
  ] as const) {
    const output = nodeOutput(full(fd));
    for (let i = 0; i < 2; i++) {
      await expect(output.write('text')).rejects.toMatchObject({ code: 'output-unwritable', message });
    }
  }
});
