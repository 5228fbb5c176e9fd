import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pullModel } from './pull.ts';
import { storedModel, knownEntry, type ModelStore } from './store.ts';
import { breakingServer, fileServer, serve, type BreakingServer } from './testing/file-server.ts';
import { CONTENT, madeIo, madeStore, sha256 } from './testing/made-store.ts';

const HALF = CONTENT.length / 2;
const SUM = sha256(CONTENT);

/** Sum of the pulled file of the model `small`. */
const pulled = async (store: ModelStore): Promise<string> =>
  sha256(new Uint8Array(await readFile(join(store.folder, 'small', 'ggml-small.bin'))));
const names = (store: ModelStore): Promise<string[]> => readdir(store.folder);
const state = async (store: ModelStore, name: string): Promise<string> =>
  (await storedModel(store, knownEntry(store, name))).state;

/** Pulls `small`, or another model, from a server whose broken answers end once their half has arrived. */
const pull = (store: ModelStore, breaking: BreakingServer, name = 'small', io = madeIo()): Promise<unknown> =>
  pullModel(store, name, io, { onProgress: ({ receivedBytes }) => breaking.received(receivedBytes) });

describe('a server that breaks off', () => {
  test('is asked for the rest, as often as each try brings something', async () => {
    const breaking = breakingServer(CONTENT);
    const server = await fileServer((request, response, count) => {
      (count <= 3 ? breaking.handler : serve(CONTENT))(request, response, count);
    });
    const store = await madeStore(server.url);
    await pull(store, breaking);
    expect(await pulled(store)).toBe(SUM);
    expect(server.requests.map((line) => line.split(' ')[1])).toEqual([
      undefined,
      'bytes=150000-',
      'bytes=225000-',
      'bytes=262500-',
    ]);
  });

  test('leaves its part for the next pull, which resumes it', async () => {
    const store = await madeStore();
    const breaking = breakingServer(CONTENT);
    {
      const server = await fileServer((request, response, count) => {
        if (count === 1) breaking.handler(request, response, count);
        else response.destroy();
      });
      const failing = { ...store, catalog: { ...store.catalog, hub: server.url } };
      const io = madeIo();
      await expect(pull(failing, breaking, 'small', io)).rejects.toMatchObject({ code: 'model-download-failed' });
      expect(io.pauses).toEqual([1000, 1000, 2000, 4000, 8000]);
    }
    expect(await names(store)).toEqual(['.small.partial']);
    const server = await fileServer(serve(CONTENT));
    await pullModel({ ...store, catalog: { ...store.catalog, hub: server.url } }, 'small', madeIo());
    expect(await pulled(store)).toBe(SUM);
    expect(server.requests[0]).toContain(`bytes=${HALF}-`);
    expect(await names(store)).toEqual(['small']);
  });

  test('and meanwhile changed its file is asked for all of it', async () => {
    const breaking = breakingServer(CONTENT);
    const server = await fileServer((request, response, count) => {
      (count === 1 ? breaking.handler : serve(CONTENT, '"v2"'))(request, response, count);
    });
    const store = await madeStore(server.url);
    await pull(store, breaking);
    expect(await pulled(store)).toBe(SUM);
  });

  test('without an entity tag is never continued where no sum would notice a mistake', async () => {
    const breaking = breakingServer(CONTENT, '');
    const server = await fileServer((request, response, count) => {
      (count === 1 ? breaking.handler : serve(CONTENT))(request, response, count);
    });
    const store = await madeStore(server.url);
    await pull(store, breaking, 'small-unchecked');
    expect(server.requests.map((line) => line.split(' ').length)).toEqual([1, 1]);
  });
});

test('starts anew when a server ignores the range', async () => {
  const breaking = breakingServer(CONTENT);
  const server = await fileServer((request, response, count) => {
    if (count === 1) breaking.handler(request, response, count);
    else response.end(CONTENT);
  });
  const store = await madeStore(server.url);
  await pull(store, breaking);
  expect(await pulled(store)).toBe(SUM);
});

test('starts anew when a server continues at another place or refuses the range', async () => {
  const breaking = breakingServer(CONTENT);
  const server = await fileServer((request, response, count) => {
    if (count === 1) breaking.handler(request, response, count);
    else if (count === 2) {
      response.writeHead(206, { 'content-range': `bytes 7-${CONTENT.length - 1}/${CONTENT.length}` });
      response.end(CONTENT.subarray(7));
    } else if (count === 3) breaking.handler(request, response, count);
    else if (count === 4) response.writeHead(416, { 'content-range': `bytes */${CONTENT.length}` }).end();
    else serve(CONTENT)(request, response, count);
  });
  const store = await madeStore(server.url);
  await pull(store, breaking);
  expect(await pulled(store)).toBe(SUM);
});

test('starts anew when what an earlier pull left is of another version', async () => {
  const server = await fileServer(serve(CONTENT));
  const store = await madeStore(server.url);
  await mkdir(join(store.folder, '.small.partial'), { recursive: true });
  await writeFile(join(store.folder, '.small.partial', 'ggml-small.bin.part'), new Uint8Array(1000));
  await pullModel(store, 'small', madeIo());
  expect(await pulled(store)).toBe(SUM);
  expect(server.requests.map((line) => line.split(' ')[1])).toEqual(['bytes=1000-', undefined]);
});

test.each([503, 429, 500])('tries again after %i, as late as the server asks', async (status) => {
  const server = await fileServer((request, response, count) => {
    if (count === 1) response.writeHead(status, { 'retry-after': '7' }).end('busy');
    else serve(CONTENT)(request, response, count);
  });
  const store = await madeStore(server.url);
  const io = madeIo();
  await pullModel(store, 'small', io);
  expect(io.pauses).toEqual([7000]);
  expect(await state(store, 'small')).toBe('installed');
});
