import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { blobFolder, type BlobFolder } from '../../blob-folder.ts';
import { bytesOf, tempFolder } from '../testing/made-data.ts';
import { heldBlobs } from './held-blobs.ts';

const open = { checkOpen: () => {} };

async function made(bounds = { blob: 10, total: 25 }) {
  const folder = await blobFolder(await tempFolder(), open);
  return { folder, blobs: heldBlobs(folder, open, bounds) };
}

const put = ({ port }: BlobFolder, key: string, text: string, lasting = false) =>
  port.put(key, bytesOf(text), { limit: 100, lasting });

async function read({ port }: BlobFolder, key: string): Promise<string> {
  let text = '';
  for await (const chunk of port.open(key)) text += Buffer.from(chunk).toString();
  return text;
}

test('says the same as the folder does, whatever is put, read and removed', async () => {
  const key = fc.constantFrom('a/upload', 'a/transcript', 'b/upload');
  const text = fc.string({ unit: 'binary-ascii', maxLength: 15 });
  const step = fc.oneof(
    fc.record({ kind: fc.constant('put' as const), key, text, lasting: fc.boolean() }),
    fc.record({ kind: fc.constantFrom('read' as const, 'remove' as const, 'forget' as const, 'list' as const), key }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const { blobs } = await made();
      const { folder } = await made();
      for (const one of steps) {
        const [session = ''] = one.key.split('/');
        const told = async (store: BlobFolder): Promise<unknown> => {
          if (one.kind === 'put') return put(store, one.key, one.text, one.lasting);
          if (one.kind === 'read') return read(store, one.key);
          if (one.kind === 'remove') return store.port.remove(one.key);
          if (one.kind === 'list') return [await store.port.list(session), (await store.sessions()).toSorted()];
          return store.forget(session);
        };
        const heard = (store: BlobFolder) => told(store).catch((error: unknown) => String(error));
        expect(await heard(blobs)).toEqual(await heard(folder));
      }
    }),
    { numRuns: 60 },
  );
});

test('what is small and need not last is in no file; what is larger, or must last, is in one', async () => {
  const { folder, blobs } = await made();
  const sha256 = createHash('sha256').update('0123456789').digest('hex');
  expect(await put(blobs, 's/small', '0123456789')).toEqual({ bytes: 10, sha256 });
  await put(blobs, 's/larger', '0123456789+');
  await put(blobs, 's/lasting', '0', true);
  expect(await folder.port.list('s')).toEqual(['s/larger', 's/lasting']);
  expect(await blobs.port.list('s')).toEqual(['s/larger', 's/lasting', 's/small']);
  expect([blobs.port.path('s/small'), blobs.port.path('s/larger')]).toEqual([undefined, folder.port.path('s/larger')]);
});

test('holds no more than it may of all blobs, and takes anew when some are gone', async () => {
  const { folder, blobs } = await made();
  for (const key of ['a/1', 'b/2', 'c/3']) await put(blobs, key, '0123456789');
  expect(await folder.sessions()).toEqual(['c']);
  await blobs.forget('a');
  await put(blobs, 'd/4', '0123456789');
  expect(await folder.sessions()).toEqual(['c']);
});

test('one that breaks off or is too long leaves nothing, held or not', async () => {
  const { folder, blobs } = await made();
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('12345');
    throw new Error('gone');
  }
  for (let round = 0; round < 6; round++) {
    await expect(blobs.port.put('s/a', broken(), { limit: 100, lasting: false })).rejects.toThrow('gone');
    await expect(blobs.port.put('s/a', bytesOf('1234567'), { limit: 6, lasting: false })).rejects.toMatchObject({
      code: 'upload-too-large',
    });
  }
  expect(await blobs.port.list('s')).toEqual([]);
  await put(blobs, 's/b', '0123456789');
  expect(await folder.sessions()).toEqual([]);
});
