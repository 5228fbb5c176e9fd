import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { STALL_TIMEOUT, RESPONSE_TIMEOUT } from './limits.ts';
import { pullModel, type PullProgress } from './pull.ts';
import { storedModel, knownEntry, type ModelStore } from './store.ts';
import { fileServer, serve, type Handler } from './testing/file-server.ts';
import { CONTENT, madeIo, madeStore, sha256, SMALL } from './testing/made-store.ts';

const HALF = CONTENT.length / 2;
const SUM = sha256(CONTENT);

/** Sum of the pulled file of the model `small`. */
const pulled = async (store: ModelStore): Promise<string> =>
  sha256(new Uint8Array(await readFile(join(store.folder, 'small', 'ggml-small.bin'))));
const names = (store: ModelStore): Promise<string[]> => readdir(store.folder);
const state = async (store: ModelStore, name: string): Promise<string> =>
  (await storedModel(store, knownEntry(store, name))).state;

test('pulls a model, with progress, and leaves nothing else behind', async () => {
  const server = await fileServer(serve(CONTENT));
  const store = await madeStore(server.url);
  const progress: PullProgress[] = [];
  const model = await pullModel(store, 'SMALL', madeIo(), { onProgress: (step) => progress.push(step) });
  expect(model).toMatchObject({ state: 'installed', bytes: CONTENT.length });
  expect(await pulled(store)).toBe(SUM);
  expect(await names(store)).toEqual(['small']);
  expect(server.requests).toEqual(['/maker/models/resolve/main/ggml-small.bin']);
  const sizes = progress.map(({ receivedBytes }) => receivedBytes);
  expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
  expect(progress.at(-1)).toEqual({
    receivedBytes: CONTENT.length,
    totalBytes: CONTENT.length,
    file: 'ggml-small.bin',
  });
});

test('does nothing for a model that is here, built-in or pulled', async () => {
  const server = await fileServer(serve(CONTENT));
  const store = await madeStore(server.url);
  expect(await pullModel(store, 'tiny.en', madeIo())).toMatchObject({ state: 'built-in' });
  await pullModel(store, 'little', madeIo());
  await pullModel(store, 'small', madeIo());
  expect(server.requests).toHaveLength(1);
});

test('pulls the files of a folder model, those of unknown size too', async () => {
  const server = await fileServer((request, response, count) => {
    serve(request.url?.endsWith('config.json') === true ? SMALL : CONTENT)(request, response, count);
  });
  const store = await madeStore(server.url);
  const { path } = await pullModel(store, 'small-safetensors', madeIo());
  expect(path).toBe(join(store.folder, 'small-safetensors'));
  expect((await readdir(path ?? '')).sort()).toEqual(['config.json', 'model.safetensors']);
});

describe('refuses', () => {
  test.each<[string, Handler, RegExp]>([
    [
      'a web page in place of the file',
      (_, response) =>
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>Log in</html>'),
      /answered with a web page/,
    ],
    [
      'a file of another length',
      (_, response) => response.end(CONTENT.subarray(9)),
      /has 299991 bytes, not the 300000/,
    ],
    ['a missing file', (_, response) => response.writeHead(404).end(), /there is no such file/],
    ['a login', (_, response) => response.writeHead(401).end(), /answered 401: it wants a login/],
    [
      'a server that sends more than it should, without saying how much',
      (_, response) => {
        response.write(CONTENT);
        response.end(CONTENT);
      },
      /sent more than the 300000 bytes/,
    ],
  ])('%s, without a second try', async (_, handler, message) => {
    const server = await fileServer(handler);
    const store = await madeStore(server.url);
    await expect(pullModel(store, 'small', madeIo())).rejects.toThrow(message);
    await expect(pullModel(store, 'small', madeIo())).rejects.toMatchObject({ code: 'model-download-failed' });
    expect(server.requests).toHaveLength(2);
    expect(await state(store, 'small')).toBe('absent');
  });

  test('a file whose SHA-256 is not the published one, and keeps none of it', async () => {
    const server = await fileServer(serve(CONTENT.map((byte) => byte ^ 1)));
    const store = await madeStore(server.url);
    await expect(pullModel(store, 'small', madeIo())).rejects.toMatchObject({ code: 'model-invalid' });
    expect(await readdir(join(store.folder, '.small.partial'))).toEqual([]);
  });

  test('a web page that calls itself a file where no sum is known', async () => {
    const server = await fileServer(serve(new TextEncoder().encode('\n<!doctype html>')));
    const store = await madeStore(server.url);
    await expect(pullModel(store, 'small-unchecked', madeIo())).rejects.toThrow('it is a web page, not a model file');
  });

  test('an unknown name, with those that are near', async () => {
    const store = await madeStore();
    await expect(pullModel(store, 'smal', madeIo())).rejects.toThrow('did you mean small');
  });

  test.skipIf(process.platform !== 'linux')('a full disk, and says that it can be resumed', async () => {
    const server = await fileServer(serve(CONTENT));
    const store = await madeStore(server.url);
    const partial = join(store.folder, '.small.partial');
    await mkdir(partial, { recursive: true });
    await symlink('/dev/full', join(partial, 'ggml-small.bin.part'));
    await expect(pullModel(store, 'small', madeIo())).rejects.toMatchObject({ code: 'output-unwritable' });
    await expect(pullModel(store, 'small', madeIo())).rejects.toThrow('the disk is full');
  });

  test('a model folder that is a file', async () => {
    const store = await madeStore();
    await writeFile(store.folder, '');
    await expect(pullModel(store, 'small', madeIo())).rejects.toMatchObject({
      code: 'output-unwritable',
      message: `${store.folder} cannot be written: a file stands where a folder is needed; name another folder for models with --models-dir`,
    });
  });

  test.skipIf(process.platform !== 'linux')('a file system that takes no folders', async () => {
    const store = { ...(await madeStore()), folder: '/proc/nope/models' };
    await expect(pullModel(store, 'small', madeIo())).rejects.toThrow(
      /^\/proc\/nope\/models cannot be made: .*--models-dir$/,
    );
  });
});

test.each([
  ['never answers', RESPONSE_TIMEOUT, () => undefined],
  [
    'stalls in the middle',
    STALL_TIMEOUT,
    (_: unknown, response: Parameters<Handler>[1]) => {
      response.writeHead(200, { 'content-length': CONTENT.length });
      response.write(CONTENT.subarray(0, 10));
    },
  ],
])('gives up on a server that %s', async (_, limit, handler) => {
  const server = await fileServer(handler);
  const store = await madeStore(server.url);
  const io = { ...madeIo(), sleep: madeIo([limit]).sleep };
  const late = pullModel(store, 'small', {
    ...io,
    // The limit lapses only when the server has shown what it does.
    sleep: async (delay, signal) => {
      while (delay === limit && server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
      return io.sleep(delay, signal);
    },
  });
  await expect(late).rejects.toThrow(`nothing came for ${limit / 1000} s`);
});

test('stops when it is cancelled, and keeps what it has', async () => {
  const stop = new AbortController();
  const server = await fileServer((_, response) => {
    response.writeHead(200, { etag: '"v1"', 'content-length': CONTENT.length });
    response.write(CONTENT.subarray(0, HALF));
  });
  const store = await madeStore(server.url);
  const pulling = pullModel(store, 'small', madeIo(), {
    signal: stop.signal,
    onProgress: ({ receivedBytes }) => {
      if (receivedBytes === HALF) stop.abort();
    },
  });
  await expect(pulling).rejects.toMatchObject({ code: 'cancelled' });
  const part = await readFile(join(store.folder, '.small.partial', 'ggml-small.bin.part'));
  expect(part).toHaveLength(HALF);
  expect(await names(store)).toEqual(['.small.partial']);
});
