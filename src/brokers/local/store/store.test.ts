import { ClassicLevel } from 'classic-level';
import { expect, onTestFinished, test, vi } from 'vitest';
import { handClock, settled, type HandClock } from '../../../core/testing/hand-clock.ts';
import { tempFolder } from '../testing/made-data.ts';
import type { Store } from './store.ts';
import { openStore, under } from './store.ts';

async function opened(clock: HandClock = handClock()): Promise<Store> {
  const store = await openStore(await tempFolder(), clock);
  onTestFinished(() => store.close().catch(() => {}));
  return store;
}

/** What LevelDB says of a full disk. */
const noSpace = (): Error =>
  Object.assign(new Error('IO error: 000005.log: No space left on device'), { code: 'LEVEL_IO_ERROR' });

test('shows what was written last at once, and a range of it when it is on the disk', async () => {
  const store = await opened();
  const first = store.write([
    { key: 'a/1', value: 'one' },
    { key: 'a/2', value: 'two' },
    { key: 'b/1', value: 'other' },
  ]);
  const second = store.write([{ key: 'a/1' }, { key: 'a/3', value: 'three' }]);
  expect(['a/1', 'a/2', 'a/3', 'b/1', 'c'].map((key) => store.get(key))).toEqual([
    undefined,
    'two',
    'three',
    'other',
    undefined,
  ]);
  expect(await store.range(under('a'))).toEqual([
    ['a/2', 'two'],
    ['a/3', 'three'],
  ]);
  expect(await store.range({ ...under('a'), limit: 1, reverse: true })).toEqual([['a/3', 'three']]);
  await Promise.all([first, second]);
});

test('shares one commit between writes of one moment, and keeps what is written meanwhile for the next', async () => {
  const store = await opened();
  const batch = vi.spyOn(ClassicLevel.prototype, 'batch');
  onTestFinished(() => batch.mockRestore());
  const writes = ['a', 'b', 'c'].map((key) => store.write([{ key, value: key }]));
  await settled();
  writes.push(store.write([{ key: 'a', value: 'again' }]), store.write([{ key: 'd', value: 'd' }]));
  expect(store.get('a')).toBe('again');
  await Promise.all(writes);
  expect(batch).toHaveBeenCalledTimes(2);
  expect(store.get('a')).toBe('again');
});

test('writes nothing behind a write that failed, tells everybody who waits, and ends no process over those who do not', async () => {
  const store = await opened();
  await store.write([{ key: 'before', value: 'kept' }]);
  const batch = vi.spyOn(ClassicLevel.prototype, 'batch').mockRejectedValueOnce(noSpace());
  onTestFinished(() => batch.mockRestore());
  void store.write([{ key: 'a', value: 'unheard' }]);
  const failure = { code: 'storage-full' };
  await expect(store.write([{ key: 'b', value: 'heard' }])).rejects.toMatchObject(failure);
  void store.write([{ key: 'c', value: 'unheard' }]);
  await expect(store.write([{ key: 'd', value: 'later' }])).rejects.toMatchObject(failure);
  expect(batch).toHaveBeenCalledTimes(1);
  expect(store.get('before')).toBe('kept');
  await settled();
});

test('writes what was promised to nobody a moment later, all of it at once, and shows it until then', async () => {
  const clock = handClock();
  const store = await opened(clock);
  const batch = vi.spyOn(ClassicLevel.prototype, 'batch');
  onTestFinished(() => batch.mockRestore());
  await store.write([1, 2, 3].map((key) => ({ key: `a/${key}`, value: 'old' })));
  await store.behind.write([{ key: 'a/1' }, { key: 'a/2', value: 'new' }]);
  await store.behind.write([{ key: 'a/4', value: 'new' }]);
  const range = (more: object) => store.range({ ...under('a'), ...more }).then((rows) => rows.flat().join(' '));
  const seen = async () => [
    store.get('a/1'),
    await range({}),
    await range({ limit: 2 }),
    await range({ limit: 1, reverse: true }),
  ];
  const expected = [undefined, 'a/2 new a/3 old a/4 new', 'a/2 new a/3 old', 'a/4 new'];
  expect(await seen()).toEqual(expected);
  await store.settled();
  expect(batch).toHaveBeenCalledTimes(1);
  await clock.pass(1000);
  await vi.waitFor(() => expect(batch).toHaveBeenCalledTimes(2));
  expect(batch).toHaveBeenLastCalledWith(expect.anything(), { sync: false });
  await store.flushed();
  expect(await seen()).toEqual(expected);
  expect([batch.mock.calls.length, clock.timers()]).toEqual([2, 0]);
});

test('what was promised takes along what was written before it, in order', async () => {
  const clock = handClock();
  const store = await opened(clock);
  const batch = vi.spyOn(ClassicLevel.prototype, 'batch');
  onTestFinished(() => batch.mockRestore());
  void store.behind.write([{ key: 'a', value: 'first' }]);
  await store.write([{ key: 'a', value: 'second' }]);
  expect(batch.mock.calls).toMatchObject([[[{ value: 'first' }, { value: 'second' }], { sync: true }]]);
  void store.behind.write([{ key: 'a', value: 'third' }]);
  await store.flushed();
  expect(batch).toHaveBeenCalledTimes(2);
  await clock.pass(1000);
  expect([store.get('a'), batch.mock.calls.length, clock.timers()]).toEqual(['third', 2, 0]);
});
