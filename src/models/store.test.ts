import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadCatalog, parseCatalog } from './catalog.ts';
import { resolveModel } from './resolve.ts';
import { listModels, removeModel, type ModelStore } from './store.ts';
import { CONTENT, madeStore, SMALL } from './testing/made-store.ts';
import { verifyModel } from './verify.ts';

const SHIPPED = fileURLToPath(new URL('../../models', import.meta.url));

async function install(store: ModelStore, name: string, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  await mkdir(join(store.folder, name), { recursive: true });
  for (const [file, content] of Object.entries(files)) await writeFile(join(store.folder, name, file), content);
}
const noOpen = { open: () => Promise.reject(new Error('not to be opened')) };

test('the shipped catalogue knows every published Whisper and Distil-Whisper, each variant by one name', async () => {
  const { entries, aliases } = await loadCatalog(SHIPPED);
  const models = new Set(entries.map(({ model }) => model));
  const sizes = ['tiny', 'base', 'small', 'medium'];
  const wanted = [
    ...sizes,
    ...sizes.map((size) => `${size}.en`),
    'large-v1',
    'large-v2',
    'large-v3',
    'large-v3-turbo',
    'distil-small.en',
    'distil-medium.en',
    'distil-large-v2',
    'distil-large-v3',
    'distil-large-v3.5',
  ];
  expect([...models].sort()).toEqual(wanted.sort());
  expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
  expect([...aliases.values()].filter((target) => !models.has(target))).toEqual([]);
  for (const model of models) {
    const formats = new Set(entries.filter((entry) => entry.model === model).map(({ format }) => format));
    expect([model, ...formats].length).toBe(3);
  }
  expect(entries.filter((entry) => entry.format === 'ggml' && entry.files[0]?.sha256 === null)).toEqual([]);
});

test('the shipped catalogue has what ships, with the sum of the file', async () => {
  const catalog = await loadCatalog(SHIPPED);
  const store = { catalog, builtInFolder: SHIPPED, folder: join(SHIPPED, 'none') };
  expect(await verifyModel(store, 'tiny.en', noOpen)).toMatchObject({ by: 'sha256', sound: true });
  expect(await resolveModel(store, 'tiny.en')).toMatchObject({
    path: join(SHIPPED, 'ggml-tiny.en-q8_0.bin'),
    state: 'built-in',
    entry: {
      alignmentHeads: [
        [1, 0],
        [2, 0],
        [2, 5],
        [3, 0],
        [3, 1],
        [3, 2],
        [3, 3],
        [3, 4],
      ],
    },
  });
});

test.each([
  ['no JSON', '<html>', 'no JSON'],
  ['a name that climbs out of the folder', JSON.stringify({ version: 1 }).replace('}', ',"hub":"x"}'), 'hub'],
])('a catalogue that is %s is refused', (_, text, message) => {
  expect(() => parseCatalog(text, 'catalog.json')).toThrow(message);
});

test('names that would lead out of the model folder are refused', async () => {
  const text = await readFile(join(SHIPPED, 'catalog.json'), 'utf8');
  expect(() => parseCatalog(text.replace('"name": "small"', '"name": "../small"'), 'c')).toThrow('variants');
  expect(() => parseCatalog(text.replace('"ggml-small.bin"', '"/etc/passwd"'), 'c')).toThrow('files');
});

test('a missing catalogue says that the installation is broken', async () => {
  await expect(loadCatalog('/no/such/folder')).rejects.toThrow('install the package again');
});

test('lists every known model with where it stands', async () => {
  const store = await madeStore();
  await install(store, 'small', { 'ggml-small.bin': CONTENT });
  await install(store, 'small-safetensors', { 'config.json': SMALL });
  expect((await listModels(store)).map(({ entry, state, bytes }) => [entry.name, state, bytes])).toEqual([
    ['tiny.en', 'built-in', 18],
    ['small', 'installed', 300_000],
    ['small-unchecked', 'absent', 0],
    ['small-safetensors', 'absent', 300_000],
  ]);
});

test('resolves names before paths, in any case and by alias', async () => {
  const store = await madeStore();
  await install(store, 'small', { 'ggml-small.bin': CONTENT });
  await install(store, 'my-own', { 'config.json': SMALL });
  const path = join(store.folder, 'small', 'ggml-small.bin');
  expect(await resolveModel(store, 'Small')).toMatchObject({ name: 'small', path, state: 'installed' });
  expect(await resolveModel(store, 'little')).toMatchObject({ name: 'small', path });
  expect(await resolveModel(store, 'tiny.en')).toMatchObject({ state: 'built-in' });
  expect(await resolveModel(store, 'my-own')).toEqual({
    name: 'my-own',
    path: join(store.folder, 'my-own'),
    state: 'path',
  });
});

test('takes any path as it is, and knows a known file by its name and size', async () => {
  const store = await madeStore();
  const known = join(store.builtInFolder, 'ggml-small.bin');
  await writeFile(known, CONTENT);
  expect(await resolveModel(store, known)).toMatchObject({ name: 'small', path: known, state: 'path', entry: {} });
  await writeFile(known, CONTENT.subarray(1));
  expect(await resolveModel(store, known)).toEqual({ name: 'small', path: known, state: 'path' });
  expect(await resolveModel(store, store.builtInFolder)).toMatchObject({ name: 'built-in', state: 'path' });
});

test.each([
  ['small', 'small is not on this machine; run: scriptorium models pull small'],
  ['smalll', 'smalll: there is neither a model of this name nor a file or folder; did you mean small'],
  ['./small', './small: there is neither'],
  ['zzzzzzzzzz', 'zzzzzzzzzz: there is neither a model of this name nor a file or folder'],
  ['', 'there is neither'],
])('says of the missing model %j what to do', async (name, message) => {
  const store = await madeStore();
  await expect(resolveModel(store, name)).rejects.toMatchObject({ code: 'model-missing' });
  await expect(resolveModel(store, name)).rejects.toThrow(message);
});

test('removes a pulled model and what an unfinished pull left, but nothing that ships', async () => {
  const store = await madeStore();
  await install(store, 'small', { 'ggml-small.bin': CONTENT });
  await install(store, '.small.partial', { 'ggml-small.bin.part': SMALL });
  expect(await removeModel(store, 'small')).toEqual({
    path: join(store.folder, 'small'),
    bytes: CONTENT.length + SMALL.length,
  });
  expect(await readdir(store.folder)).toEqual([]);
  await expect(removeModel(store, 'small')).rejects.toMatchObject({ code: 'model-missing' });
  await expect(removeModel(store, 'tiny.en')).rejects.toMatchObject({ code: 'usage-invalid' });
  await expect(removeModel(store, 'nothing')).rejects.toMatchObject({ code: 'model-missing' });
});

test('verifies by sum where one is known', async () => {
  const store = await madeStore();
  await install(store, 'small', { 'ggml-small.bin': CONTENT });
  const progress: number[] = [];
  const options = {
    ...noOpen,
    onProgress: ({ checkedBytes }: { checkedBytes: number }) => progress.push(checkedBytes),
  };
  expect(await verifyModel(store, 'small', options)).toMatchObject({ by: 'sha256', sound: true, reason: '' });
  expect(progress.at(-1)).toBe(CONTENT.length);
  await install(store, 'small', { 'ggml-small.bin': CONTENT.map((byte, index) => (index === 9 ? byte ^ 1 : byte)) });
  const damaged = await verifyModel(store, 'small', noOpen);
  expect([damaged.sound, damaged.reason]).toEqual([false, expect.stringContaining('ggml-small.bin is damaged')]);
  await install(store, 'small', { 'ggml-small.bin': SMALL });
  expect((await verifyModel(store, 'small', noOpen)).reason).toBe('ggml-small.bin has 24 bytes, not 300000');
  await expect(verifyModel(store, 'small-safetensors', noOpen)).rejects.toMatchObject({ code: 'model-missing' });
});

test('verifies by opening where no sum is known', async () => {
  const store = await madeStore();
  await install(store, 'small-unchecked', { 'ggml-small.bin': CONTENT });
  const sound = await verifyModel(store, 'small-unchecked', { open: () => Promise.resolve() });
  expect(sound).toMatchObject({ by: 'structure', sound: true });
  const broken = await verifyModel(store, 'small-unchecked', { open: () => Promise.reject(new Error('cut off')) });
  expect(broken).toMatchObject({ by: 'structure', sound: false, reason: 'cut off' });
});
