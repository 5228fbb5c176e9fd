import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pullModel } from './pull.ts';
import type { ModelStore } from './store.ts';
import { fileServer, serve } from './testing/file-server.ts';
import { CONTENT, madeIo, madeStore, sha256 } from './testing/made-store.ts';

const SUM = sha256(CONTENT);

/** Sum of the pulled file of the model `small`. */
const pulled = async (store: ModelStore): Promise<string> =>
  sha256(new Uint8Array(await readFile(join(store.folder, 'small', 'ggml-small.bin'))));
describe('a mirror', () => {
  test.each(['maker/models/resolve/main/ggml-small.bin', 'small/ggml-small.bin', 'ggml-small.bin'])(
    'may be a folder that has the file as %s',
    async (place) => {
      const store = await madeStore();
      const mirror = join(store.builtInFolder, 'mirror');
      await mkdir(join(mirror, place, '..'), { recursive: true });
      await writeFile(join(mirror, place), CONTENT);
      await pullModel(store, 'small', madeIo(), { mirror });
      expect(await pulled(store)).toBe(SUM);
    },
  );

  test('may be a URL, under which the file is looked for in the same places', async () => {
    const server = await fileServer((request, response, count) => {
      if (request.url === '/far/small/ggml-small.bin') serve(CONTENT)(request, response, count);
      else response.writeHead(404).end();
    });
    const store = await madeStore();
    await pullModel(store, 'small', madeIo(), { mirror: `${server.url}/far/` });
    expect(await pulled(store)).toBe(SUM);
    expect(server.requests).toEqual(['/far/maker/models/resolve/main/ggml-small.bin', '/far/small/ggml-small.bin']);
  });

  test('is checked like the hub', async () => {
    const store = await madeStore();
    const mirror = join(store.builtInFolder, 'mirror');
    await mkdir(mirror);
    await writeFile(join(mirror, 'ggml-small.bin'), CONTENT.toReversed());
    await expect(pullModel(store, 'small', madeIo(), { mirror })).rejects.toMatchObject({ code: 'model-invalid' });
    await writeFile(join(mirror, 'ggml-small.bin'), CONTENT.subarray(1));
    await expect(pullModel(store, 'small', madeIo(), { mirror })).rejects.toThrow('has 299999 bytes, not the 300000');
  });

  test.each([
    ['ftp://example.org', 'usage-invalid'],
    ['/no/such/folder', 'input-missing'],
  ])('that is %s is refused', async (mirror, code) => {
    const store = await madeStore();
    await expect(pullModel(store, 'small', madeIo(), { mirror })).rejects.toMatchObject({ code });
  });
});
