import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import type { BlobStore } from '../../src/core/index.ts';
import type { Rule } from './contract.ts';
import { port } from './contract.ts';
import { watched } from './made-jobs.ts';
import { recordOf } from './made-sessions.ts';

const LIMIT = { limit: 10_000_000 };
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

async function* sent(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  yield* chunks;
}

const put = (blobs: BlobStore, key: string, text: string) => blobs.put(key, sent(bytesOf(text)), LIMIT);

async function read(blobs: BlobStore, key: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of blobs.open(key)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const MISSING = { code: 'blob-missing' };

/** A sender that waits in the middle until it is told to go on. */
function halfSent(): {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly goOn: () => void;
  readonly half: Promise<void>;
} {
  let goOn = (): void => {};
  let reached = (): void => {};
  const half = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const rest = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  async function* bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    yield bytesOf('first half, ');
    reached();
    await rest;
    yield bytesOf('second half');
  }
  return { bytes: bytes(), goOn: () => goOn(), half };
}

/** Blobs that are written as a whole stay; a broken store that writes as bytes come. */
const careless = port('blobs', (blobs) => ({
  async put(key, bytes, options) {
    let size = 0;
    const written: Uint8Array[] = [];
    for await (const chunk of bytes) {
      written.push(chunk);
      size += chunk.byteLength;
      await blobs.put(key, sent(...written), LIMIT);
      options.signal?.throwIfAborted();
    }
    return { bytes: size, sha256: '' };
  },
}));

/** Uploads and transcripts, whole or not at all. */
export const blobRules: readonly Rule[] = [
  {
    title: 'gives a blob back to the byte, and tells its size and SHA-256',
    async check({ broker }) {
      const { blobs } = broker();
      const chunks = Array.from({ length: 20 }, (_, index) => new Uint8Array(100_000).fill(index * 11));
      const facts = await blobs.put('session/upload', sent(...chunks), LIMIT);
      const sha256 = createHash('sha256').update(Buffer.concat(chunks)).digest('hex');
      expect(facts).toEqual({ bytes: 2_000_000, sha256 });
      const hash = createHash('sha256');
      for await (const chunk of blobs.open('session/upload')) hash.update(chunk);
      expect(hash.digest('hex')).toBe(sha256);
      expect(await blobs.put('session/empty', sent(), LIMIT)).toMatchObject({ bytes: 0 });
      expect(await read(blobs, 'session/empty')).toBe('');
    },
    broken: {
      how: 'loses its last chunk',
      breaking: port('blobs', (blobs) => ({
        put: (key, bytes, options) => blobs.put(key, allButLast(bytes), options),
      })),
    },
  },
  {
    title: 'shows a blob when it is whole, and the earlier one of its key until then',
    async check({ broker }) {
      const { blobs } = broker();
      const { bytes, goOn, half } = halfSent();
      const putting = blobs.put('session/new', bytes, LIMIT);
      await half;
      await expect(read(blobs, 'session/new')).rejects.toMatchObject(MISSING);
      expect(await blobs.list('session')).toEqual([]);
      goOn();
      await putting;
      expect(await read(blobs, 'session/new')).toBe('first half, second half');
      await put(blobs, 'session/new', 'replaced');
      expect(await read(blobs, 'session/new')).toBe('replaced');
    },
    broken: { how: 'writes in place', breaking: careless },
  },
  {
    title: 'refuses a blob as soon as it passes the limit, and keeps nothing of it',
    async check({ broker }) {
      const { blobs } = broker();
      let sentChunks = 0;
      async function* endless(): AsyncGenerator<Uint8Array, void, undefined> {
        for (; sentChunks < 1000; sentChunks++) yield new Uint8Array(1000);
      }
      await expect(blobs.put('session/huge', endless(), { limit: 9999 })).rejects.toMatchObject({
        code: 'upload-too-large',
      });
      expect(sentChunks).toBeLessThan(20);
      await expect(read(blobs, 'session/huge')).rejects.toMatchObject(MISSING);
      expect(await blobs.put('session/fits', sent(new Uint8Array(9999)), { limit: 9999 })).toMatchObject({
        bytes: 9999,
      });
    },
    broken: {
      how: 'looks at the size when all is there',
      breaking: port('blobs', (blobs) => ({
        put: async (key, bytes, { limit }) => {
          const chunks: Uint8Array[] = [];
          for await (const chunk of bytes) chunks.push(chunk);
          return blobs.put(key, sent(...chunks), { limit });
        },
      })),
    },
  },
  {
    title: 'passes on what its sender throws, and leaves the earlier blob where it is',
    async check({ broker }) {
      const { blobs } = broker();
      await put(blobs, 'session/a', 'earlier');
      async function* cut(): AsyncGenerator<Uint8Array, void, undefined> {
        yield bytesOf('half of a new o');
        throw new Error('connection reset');
      }
      await expect(blobs.put('session/a', cut(), LIMIT)).rejects.toThrow('connection reset');
      expect(await read(blobs, 'session/a')).toBe('earlier');
    },
    broken: { how: 'writes in place', breaking: careless },
  },
  {
    title: 'stops at once when its signal aborts, though the sender says nothing more',
    async check({ broker, pass }) {
      const { blobs } = broker();
      const stop = new AbortController();
      const { bytes, half, goOn } = halfSent();
      const putting = watched(blobs.put('session/a', bytes, { ...LIMIT, signal: stop.signal }));
      await half;
      stop.abort(new Error('client went away'));
      await put(blobs, 'session/b', 'another');
      for (let turn = 0; turn < 50 && !putting.settled(); turn++) await pass(0);
      const stopped = putting.settled();
      goOn();
      expect(stopped).toBe(true);
      await expect(putting.promise).rejects.toThrow('client went away');
      expect(await blobs.list('session')).toEqual(['session/b']);
    },
    broken: {
      how: 'looks at the signal between chunks',
      breaking: port('blobs', (blobs) => ({
        put: async (key, bytes, { limit, signal }) => {
          const facts = await blobs.put(key, bytes, { limit });
          signal?.throwIfAborted();
          return facts;
        },
      })),
    },
  },
  {
    title: 'lists the blobs of one session, and removes them one by one',
    async check({ broker }) {
      const { blobs } = broker();
      for (const key of ['one/b', 'one/a/deep', 'one/a/b', 'two/b']) await put(blobs, key, key);
      expect(await blobs.list('one')).toEqual(['one/a/b', 'one/a/deep', 'one/b']);
      expect(await blobs.remove('one/a/b')).toBe(true);
      expect(await blobs.remove('one/a/b')).toBe(false);
      expect(await blobs.list('one')).toEqual(['one/a/deep', 'one/b']);
      expect(await read(blobs, 'two/b')).toBe('two/b');
      await expect(read(blobs, 'one/a/b')).rejects.toMatchObject(MISSING);
      expect(await blobs.list('nobody')).toEqual([]);
    },
    broken: {
      how: 'removes nothing',
      breaking: port('blobs', () => ({ remove: async () => true })),
    },
  },
  {
    title: 'refuses keys that are none: paths out of its place, empty parts, hidden names',
    async check({ broker }) {
      const { blobs } = broker();
      const keys = [
        '../a/b',
        'a/../b',
        'a',
        '',
        'a//b',
        '/a/b',
        'a/b/c/d/e',
        'a/.b',
        'a/b\u0000',
        'a\\b/c',
        'a/ü',
        'a/..',
      ];
      for (const key of keys) await expect(put(blobs, key, 'x')).rejects.toMatchObject({ code: 'job-invalid' });
    },
    broken: {
      how: 'makes something of them',
      breaking: port('blobs', (blobs) => ({
        put: (key, bytes, options) => blobs.put(`a/${encodeURIComponent(key).replaceAll('%', '_')}x`, bytes, options),
      })),
    },
  },
  {
    title: 'keeps blobs of sessions that have a record through a restart, and removes the others',
    async check({ broker, restart }) {
      await broker().sessions.create('kept', 'tenant', recordOf('kept'));
      await put(broker().blobs, 'kept/upload', 'accepted');
      await put(broker().blobs, 'orphan/upload', 'nobody had an answer');
      const { blobs } = await restart();
      expect(await read(blobs, 'kept/upload')).toBe('accepted');
      expect(await blobs.list('orphan')).toEqual([]);
      await expect(read(blobs, 'orphan/upload')).rejects.toMatchObject(MISSING);
      const path = blobs.path('kept/upload');
      if (path !== undefined) expect(await readFile(path, 'utf8')).toBe('accepted');
      expect(blobs.path('orphan/upload')).toBeUndefined();
    },
    broken: {
      how: 'keeps them in memory',
      breaking: (broker) => {
        const own = Math.random().toString(36).slice(2);
        return port('blobs', (blobs) => ({
          put: (key, bytes, options) => blobs.put(`${key}-${own}`, bytes, options),
          open: (key) => blobs.open(`${key}-${own}`),
        }))(broker);
      },
    },
  },
];

async function* allButLast(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let held: Uint8Array | undefined;
  for await (const chunk of bytes) {
    if (held !== undefined) yield held;
    held = chunk;
  }
}
