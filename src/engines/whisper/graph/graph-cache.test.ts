import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWhisperModel } from '../model/open-model.ts';
import type { WhisperModel } from '../model/whisper-model.ts';
import { buildGraphs } from './graph-cache.ts';

const MODEL = fileURLToPath(new URL('../../../../models/ggml-tiny.en-q8_0.bin', import.meta.url));

let model: WhisperModel;
let folder: string;
beforeAll(async () => {
  model = await openWhisperModel(MODEL, { name: 'tiny.en' });
  folder = await mkdtemp(join(tmpdir(), 'scriptorium-graphs-'));
  await writeFile(join(folder, 'file'), '');
});
afterAll(async () => {
  await model[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const build = (cacheFolder: string): Promise<unknown> =>
  buildGraphs({ model, precision: 'int8', suppressed: [], cacheFolder });

test('a cache folder that is a file, or stands in one, is told with the setting that names another', async () => {
  for (const path of [join(folder, 'file'), join(folder, 'file', 'cache')]) {
    await expect(build(path)).rejects.toMatchObject({
      code: 'output-unwritable',
      message: `${path} cannot be written: a file stands where a folder is needed; name another cache folder with --cache-dir`,
    });
  }
});

test.skipIf(process.platform !== 'linux')(
  'a cache folder where none can be made is told, not tried for ever',
  async () => {
    await expect(build('/proc/nope')).rejects.toThrow(/^\/proc\/nope cannot be made: .*--cache-dir$/);
  },
);
