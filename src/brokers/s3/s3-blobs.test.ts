import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { ScriptoriumError, millis } from '../../core/index.ts';
import { handClock } from '../../core/testing/hand-clock.ts';
import type { BlobHome } from '../blob-home.ts';
import type { S3Bounds } from './bounds.ts';
import { s3Blobs } from './s3-blobs.ts';
import { startMadeStore, type MadeStore, type Misfortune } from './testing/made-store.ts';

const SECRET = 'wJalrXUtnFEMI-K7MDENG-of-nobody';
const ENV = { AWS_ACCESS_KEY_ID: 'AKIDOFNOBODY', AWS_SECRET_ACCESS_KEY: SECRET };
const KEY = 'session/upload';
const PART = 1000;
const SMALL: Partial<S3Bounds> = {
  partBytes: PART,
  rangeBytes: PART,
  attempts: 3,
  silence: millis(300),
  call: millis(2000),
};
const LIMIT = { limit: 1_000_000 };
const BUSY: Misfortune = { status: 503, code: 'SlowDown' };

async function madeStore(): Promise<MadeStore> {
  const store = await startMadeStore();
  onTestFinished(() => store[Symbol.asyncDispose]());
  return store;
}

async function opened(url: string, bounds: Partial<S3Bounds> = {}): Promise<BlobHome> {
  const home = await s3Blobs({ url, env: ENV, clock: handClock(), bounds: { ...SMALL, ...bounds } })(() => {});
  onTestFinished(() => home.close());
  return home;
}

async function* sent(bytes: Uint8Array, chunk = 300): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.byteLength; at += chunk) yield bytes.subarray(at, at + chunk);
}

const made = (length: number, from = 0): Uint8Array => Uint8Array.from({ length }, (_, at) => (at * 7 + from) % 251);

async function read({ port }: BlobHome, key = KEY): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of port.open(key)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Sizes of all blobs. */
const kept = ({ objects }: MadeStore): readonly number[] =>
  [...objects].filter(([key]) => key !== 'site/.scriptorium').map(([, { bytes }]) => bytes.byteLength);

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (!(error instanceof ScriptoriumError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

test('any bytes in any chunks come back as they are, in parts of one size', async () => {
  const store = await madeStore();
  const home = await opened(store.url);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 4 * PART }),
      fc.integer({ min: 1, max: 2 * PART }),
      async (length, chunk) => {
        const bytes = made(length);
        const facts = await home.port.put(KEY, sent(bytes, chunk), LIMIT);
        expect(facts).toEqual({ bytes: length, sha256: createHash('sha256').update(bytes).digest('hex') });
        expect((await read(home)).equals(bytes)).toBe(true);
      },
    ),
    { numRuns: 40 },
  );
  expect(store.uploads.size).toBe(0);
});

test('an upload in parts is seen when it is complete, and the earlier blob until then', async () => {
  const store = await madeStore();
  const home = await opened(store.url);
  await home.port.put(KEY, sent(made(10)), LIMIT);
  store.meets('complete', ['held']);
  const putting = home.port.put(KEY, sent(made(5 * PART, 1)), LIMIT);
  await expect.poll(() => store.calls.includes('complete')).toBe(true);
  expect(await read(home)).toEqual(Buffer.from(made(10)));
  store.release();
  await putting;
  expect((await read(home)).equals(made(5 * PART, 1))).toBe(true);
});

test('holds the parts that are on their way and one more, however fast its sender is', async () => {
  const store = await madeStore();
  const home = await opened(store.url, { partsInFlight: 2, call: millis(10_000), silence: millis(10_000) });
  store.meets('part', ['held'], 'stays');
  let taken = 0;
  async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of sent(made(20 * PART), PART / 2)) {
      taken += chunk.byteLength;
      yield chunk;
    }
  }
  const putting = home.port.put(KEY, counted(), LIMIT);
  await expect.poll(() => store.calls.filter((call) => call === 'part').length).toBe(2);
  // Two parts are on their way, and nobody is asked for more while nobody takes it.
  expect(taken).toBeLessThanOrEqual(3 * PART);
  store.meets('part', []);
  store.release();
  await putting;
  expect((await read(home)).byteLength).toBe(20 * PART);
});

test('what a busy store refuses is tried again', async () => {
  const store = await madeStore();
  const home = await opened(store.url);
  store.meets('part', [BUSY, { status: 500, code: 'InternalError' }]);
  store.meets('complete', [BUSY]);
  await home.port.put(KEY, sent(made(3 * PART)), LIMIT);
  store.meets('get', [BUSY]);
  expect((await read(home)).equals(made(3 * PART))).toBe(true);
});

test('a store that stays busy is given up within the bound, and nothing of the upload is left', async () => {
  const store = await madeStore();
  const home = await opened(store.url, { partsInFlight: 1 });
  store.meets('part', [BUSY], 'stays');
  expect(await refusal(home.port.put(KEY, sent(made(3 * PART)), LIMIT))).toMatch(
    /^storage-unreachable: bucket speech at http:\S+ has more to do than it can \(SlowDown\)/u,
  );
  expect(store.calls.filter((call) => call === 'part')).toHaveLength(3);
  await home.close();
  expect([store.uploads.size, kept(store)]).toEqual([0, []]);
});

test('a sender that fails, a limit and a signal leave no upload behind, and the earlier blob where it is', async () => {
  const store = await madeStore();
  const home = await opened(store.url);
  await home.port.put(KEY, sent(made(10)), LIMIT);
  async function* cut(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* sent(made(3 * PART));
    throw new Error('connection reset');
  }
  await expect(home.port.put(KEY, cut(), LIMIT)).rejects.toThrow('connection reset');
  await expect(home.port.put(KEY, sent(made(3 * PART)), { limit: 2 * PART })).rejects.toMatchObject({
    code: 'upload-too-large',
  });
  const stop = new AbortController();
  store.meets('part', ['silent'], 'stays');
  const stopped = home.port.put(KEY, sent(made(5 * PART)), { ...LIMIT, signal: stop.signal });
  await expect.poll(() => store.uploads.size).toBeGreaterThan(0);
  stop.abort(new Error('client went away'));
  await expect(stopped).rejects.toThrow('client went away');
  await home.close();
  expect(store.uploads.size).toBe(0);
  expect(kept(store)).toEqual([10]);
});

test('an upload whose end was not heard is told from one that is gone', async () => {
  const store = await madeStore();
  const home = await opened(store.url);
  store.meets('complete', ['unheard']);
  await home.port.put(KEY, sent(made(3 * PART)), LIMIT);
  expect((await read(home)).equals(made(3 * PART))).toBe(true);
  store.meets('complete', [{ status: 404, code: 'NoSuchUpload' }]);
  expect(await refusal(home.port.put(KEY, sent(made(2 * PART + 1)), LIMIT))).toMatch(
    /^storage-failed: .*NoSuchUpload/u,
  );
  expect((await read(home)).equals(made(3 * PART))).toBe(true);
});

test.each([
  ['cut', /^storage-failed: .* breaks off in the middle of session\/upload every time/u],
  ['short', /^storage-failed: .* breaks off in the middle of session\/upload every time/u],
  ['silent', /^storage-unreachable: .* does not answer in time/u],
] as const)('an answer that is %s is asked for again, and given up when it stays so', async (misfortune, line) => {
  const store = await madeStore();
  const home = await opened(store.url);
  await home.port.put(KEY, sent(made(2500)), LIMIT);
  store.meets('get', [misfortune]);
  expect((await read(home)).equals(made(2500))).toBe(true);
  store.meets('get', [misfortune], 'stays');
  expect(await refusal(read(home))).toMatch(line);
});

test('a blob that is replaced while it is read is an error, never a mixture', async () => {
  const store = await madeStore();
  const home = await opened(store.url);
  await home.port.put(KEY, sent(made(2500)), LIMIT);
  const chunks = home.port.open(KEY)[Symbol.asyncIterator]();
  await chunks.next();
  await home.port.put(KEY, sent(made(2500, 3)), LIMIT);
  await expect(chunks.next()).rejects.toMatchObject({ code: 'storage-failed' });
});

test('ends uploads at the start that nobody ends any more, and no others', async () => {
  const store = await madeStore();
  const upload = (key: string, ago: number) => ({
    key,
    madeBy: '',
    begun: new Date(Date.now() - ago),
    parts: new Map(),
  });
  for (let count = 0; count < 7; count++) {
    store.uploads.set(`old-${count}`, upload(`site/session-${count % 2}/upload`, 90_000_000));
    store.uploads.set(`new-${count}`, upload(`site/session-${count % 2}/upload`, 80_000_000));
  }
  store.uploads.set('other', upload('elsewhere/session/upload', 90_000_000));
  await opened(store.url);
  expect([...store.uploads.keys()].filter((id) => id.startsWith('old'))).toEqual([]);
  expect(store.uploads.size).toBe(8);
});

test('finds the sessions of blobs that are old enough, over any number of pages', async () => {
  const store = await madeStore();
  const home = await opened(store.url);
  for (const key of ['a/1', 'a/2', 'a-b/1', 'b/1', 'c/1', 'c/2', 'c/3', 'c/4'])
    await home.port.put(key, sent(made(5)), LIMIT);
  for (const [key, one] of store.objects) {
    if (!key.startsWith('site/b/') && key !== 'site/c/4')
      store.objects.set(key, { ...one, at: new Date(Date.now() - 7_200_000) });
  }
  const found = async (age: number): Promise<readonly string[]> => {
    const sessions: string[] = [];
    for await (const session of home.sessions(millis(age))) sessions.push(session);
    return sessions;
  };
  expect(await found(3_600_000)).toEqual(['a-b', 'a']);
  expect(await found(0)).toEqual(['a-b', 'a', 'b', 'c']);
  expect(await home.port.list('c')).toEqual(['c/1', 'c/2', 'c/3', 'c/4']);
  await home.forget('c');
  expect(await found(0)).toEqual(['a-b', 'a', 'b']);
});

test('is marked once, and stays so, in a store that knows no conditions, or is asked twice at once', async () => {
  const store = await madeStore();
  const [one, other] = [await opened(store.url), await opened(store.url)];
  expect(await one.mark()).toBeUndefined();
  store.meets('put', [{ status: 501, code: 'NotImplemented' }]);
  expect(await Promise.all([one.claim('a:', 'id'), other.claim('a:', 'id')])).toEqual(['a: id', 'a: id']);
  expect(await other.claim('b:', 'another')).toBe('a: id');
  expect(await one.mark()).toBe('a: id');
  expect(one.markedAt).toBe('s3://speech/site/.scriptorium-site');
  expect(kept(store)).toEqual([6]);
});

test.each([
  [{ status: 409, code: 'ConditionalRequestConflict' }, 'a: id'],
  [{ status: 412, code: 'PreconditionFailed' }, 'a: id'],
  ['unheard', 'a: id'],
  [
    { status: 403, code: 'AccessDenied' },
    expect.stringMatching(/^storage-refused: .*read, write, list and delete under site\//u),
  ],
] as const)('a mark whose writing meets %j is written once more, or not at all', async (misfortune, mark) => {
  const store = await madeStore();
  const home = await opened(store.url);
  store.meets('put', [misfortune]);
  const answer = await home.claim('a:', 'id').catch((error: unknown) => refusal(Promise.reject(error)));
  expect(answer).toEqual(mark);
  expect(await home.mark()).toBe(mark === 'a: id' ? mark : undefined);
});

test.each([
  [
    { status: 404, code: 'NoSuchBucket' },
    /^storage-refused: there is no bucket speech at http:\S+; make it, or correct the address/u,
  ],
  [
    { status: 403, code: 'InvalidAccessKeyId' },
    /^storage-refused: .* does not take these keys .*correct AWS_ACCESS_KEY_ID/u,
  ],
  [
    { status: 403, code: 'SignatureDoesNotMatch' },
    /^storage-refused: .* does not take these keys .*AWS_SECRET_ACCESS_KEY/u,
  ],
  [
    { status: 403, code: 'AccessDenied' },
    /^storage-refused: these keys may not do this .*read, write, list and delete under site\//u,
  ],
  [{ status: 301, code: 'PermanentRedirect' }, /^storage-refused: .* is in another region .*region=REGION/u],
  [{ status: 403, code: 'RequestTimeTooSkewed' }, /^storage-refused: .* has another time .*set the clock/u],
  [{ status: 507, code: 'InsufficientStorage' }, /^storage-full: no space left in bucket speech/u],
  [
    { status: 400, code: 'InvalidArgument' },
    /^storage-failed: bucket speech .* failed \(InvalidArgument, 400: made to fail\)/u,
  ],
  [BUSY, /^storage-unreachable: .* has more to do than it can/u],
  ['silent', /^storage-unreachable: .* does not answer in time/u],
  ['cut', /^storage-unreachable: /u],
] as const)('a store that answers %j is refused at the start with what to do', async (misfortune, line) => {
  const store = await madeStore();
  store.meets(misfortune === 'cut' ? 'uploads' : 'put', [misfortune], 'stays');
  const refused = await refusal(opened(store.url));
  expect(refused).toMatch(line);
  expect(refused).not.toContain(SECRET);
});

test('a store that is not there, and what is no store, are told by their address', async () => {
  const store = await madeStore();
  for (const call of ['get', 'uploads'] as const) {
    store.meets(call, ['page'], 'stays');
    expect(await refusal(opened(store.url))).toMatch(
      /^storage-refused: what answers for bucket speech .* is no S3 store/u,
    );
    store.meets(call, []);
  }
  await store[Symbol.asyncDispose]();
  expect(await refusal(opened(store.url))).toMatch(
    /^storage-unreachable: .* can't be reached \(ECONNREFUSED\); start it/u,
  );
});
