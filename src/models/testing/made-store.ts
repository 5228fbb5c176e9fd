import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { parseCatalog } from '../catalog.ts';
import type { PullIo } from '../pull.ts';
import type { ModelStore } from '../store.ts';

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What the files of the made models hold. */
export const CONTENT = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 251);
export const SMALL = new TextEncoder().encode('{"model_type":"whisper"}');
const BUILT_IN = new TextEncoder().encode('the built-in model');

const file = (name: string, bytes: Uint8Array | null): object => ({
  name,
  bytes: bytes?.length ?? null,
  sha256: bytes === null ? null : sha256(bytes),
});
const made = { format: 'ggml', precision: 'f16', builtIn: false, repository: 'maker/models', revision: 'main' };

const MODELS = [
  {
    model: 'tiny.en',
    parameters: 39,
    languages: 1,
    licence: 'MIT',
    alignmentHeads: [[1, 0]],
    variants: [
      {
        ...made,
        name: 'tiny.en',
        builtIn: true,
        repository: null,
        revision: null,
        files: [file('ggml-tiny.en.bin', BUILT_IN)],
      },
    ],
  },
  {
    model: 'small',
    parameters: 244,
    languages: 99,
    licence: 'MIT',
    alignmentHeads: null,
    variants: [
      { ...made, name: 'small', files: [file('ggml-small.bin', CONTENT)] },
      { ...made, name: 'small-unchecked', files: [file('ggml-small.bin', null)] },
      {
        ...made,
        name: 'small-safetensors',
        format: 'safetensors',
        files: [file('config.json', null), file('model.safetensors', CONTENT)],
      },
    ],
  },
];

/** A store in a fresh folder, whose hub is `hub`. Gone with all in it when the test ends. */
export async function madeStore(hub = 'http://127.0.0.1:9'): Promise<ModelStore> {
  const root = await mkdtemp(join(tmpdir(), 'scriptorium-store-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const builtInFolder = join(root, 'built-in');
  await mkdir(builtInFolder);
  await writeFile(join(builtInFolder, 'ggml-tiny.en.bin'), BUILT_IN);
  const text = JSON.stringify({ version: 1, hub, aliases: { little: 'small' }, models: MODELS });
  return {
    catalog: parseCatalog(text, 'made'),
    builtInFolder,
    folder: join(root, 'models'),
  };
}

/** Pauses pass at once and are noted; time limits never end, but for those listed in `lapsed`. */
export function madeIo(lapsed: readonly number[] = []): PullIo & { readonly pauses: number[] } {
  const pauses: number[] = [];
  return {
    pauses,
    fetch,
    sleep: (delay, signal) => {
      if (delay >= 30_000 && !lapsed.includes(delay)) {
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('no longer waited for'));
          });
        });
      }
      if (delay < 30_000) pauses.push(delay);
      return Promise.resolve();
    },
  };
}
