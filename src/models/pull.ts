/** Brings a known model to this machine: whole and checked, or not at all. */
import { open, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { ScriptoriumError } from '../core/index.ts';
import type { Catalog, CatalogedFile, CatalogEntry } from './catalog.ts';
import { sha256OfFile } from './checksum.ts';
import { copyFile } from './copy.ts';
import { downloadFile, type FileRequest } from './download.ts';
import type { PullIo } from './fetch-part.ts';
import { withLock } from './lock.ts';
import { makeModelsFolder } from './models-folder.ts';
import { discardPart, forgetOrigin } from './part-file.ts';
import { fileSize, knownEntry, lockPath, modelFolder, partialFolder, storedModel } from './store.ts';
import type { ModelStore, StoredModel } from './store.ts';

export type { PullIo } from './fetch-part.ts';

export interface PullProgress {
  /** Of the whole model, what was there before included; goes back only when a part turns out to be wrong. */
  readonly receivedBytes: number;
  /** As much as is known beforehand. */
  readonly totalBytes: number;
  /** The file at work. */
  readonly file: string;
}

export interface PullOptions {
  /**
   * URL or folder to take the files from in place of the hub. Looked for in it, in this order:
   * `OWNER/NAME/resolve/REVISION/FILE` as at the hub, `MODEL/FILE` as in a model folder, and `FILE` for models of one.
   */
  readonly mirror?: string;
  readonly onProgress?: (progress: PullProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Pulls a model, continuing what an earlier pull left. One that is here already is left alone.
 *
 * @throws ScriptoriumError `model-missing` for an unknown name, `model-download-failed`, `model-invalid` when what came
 *   is not what was published, `output-unwritable`, `input-missing` for a mirror folder that is not there, `cancelled`.
 */
export async function pullModel(
  store: ModelStore,
  name: string,
  io: PullIo,
  options: PullOptions = {},
): Promise<StoredModel> {
  const entry = knownEntry(store, name);
  const before = await storedModel(store, entry);
  if (before.state !== 'absent') return before;
  if (entry.builtIn)
    throw new ScriptoriumError('model-missing', `${entry.name} ships with the package: install it again`);
  const places = await placesOf(store.catalog, entry, options.mirror);
  await makeModelsFolder(store.folder);
  return withLock(lockPath(store, entry), entry.name, async () => {
    // Another process may have brought it between the look and the lock.
    const now = await storedModel(store, entry);
    return now.state === 'absent' ? bringModel(store, entry, places, io, options) : now;
  });
}

async function bringModel(
  store: ModelStore,
  entry: CatalogEntry,
  places: Places,
  io: PullIo,
  options: PullOptions,
): Promise<StoredModel> {
  const folder = partialFolder(store, entry);
  await makeModelsFolder(folder);
  await checkSpace(folder, entry);
  const signal = options.signal ?? new AbortController().signal;
  try {
    let done = 0;
    for (const file of entry.files) {
      const start = done;
      const report = (size: number): void =>
        options.onProgress?.({ receivedBytes: start + size, totalBytes: entry.bytes, file: file.name });
      done += await bringFile(folder, file, places, { io, signal, report });
    }
  } catch (cause) {
    if (!signal.aborted) throw cause;
    throw new ScriptoriumError('cancelled', `the pull of ${entry.name} was cancelled; pull again to resume`, { cause });
  }
  // An installed folder that lacks a file is a broken one: it makes room.
  await rm(modelFolder(store, entry), { recursive: true, force: true });
  await rename(folder, modelFolder(store, entry));
  return storedModel(store, entry);
}

type Places = { readonly kind: 'url' | 'folder'; readonly of: (file: string) => readonly string[] };

async function placesOf(catalog: Catalog, entry: CatalogEntry, mirror: string | undefined): Promise<Places> {
  const atHub = `${entry.repository}/resolve/${entry.revision}`;
  const single = entry.files.length === 1;
  if (mirror === undefined) return { kind: 'url', of: (file) => [`${catalog.hub}/${atHub}/${file}`] };
  const inside = (file: string): readonly string[] => [
    `${atHub}/${file}`,
    `${entry.name}/${file}`,
    ...(single ? [file] : []),
  ];
  if (/^https?:\/\//i.test(mirror)) {
    const base = mirror.replace(/\/+$/, '');
    return { kind: 'url', of: (file) => inside(file).map((path) => `${base}/${path}`) };
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(mirror)) {
    throw new ScriptoriumError('usage-invalid', `${mirror}: a mirror is an http or https address, or a folder`);
  }
  if ((await stat(mirror).catch(() => undefined))?.isDirectory() !== true) {
    throw new ScriptoriumError('input-missing', `${mirror}: there is no such folder to take models from`);
  }
  return { kind: 'folder', of: (file) => inside(file).map((path) => join(mirror, path)) };
}

/** @returns the file's size. It stands under its own name once it is whole and checked. */
async function bringFile(
  folder: string,
  file: CatalogedFile,
  places: Places,
  {
    io,
    signal,
    report,
  }: { readonly io: PullIo; readonly signal: AbortSignal; readonly report: (size: number) => void },
): Promise<number> {
  const path = join(folder, file.name);
  const there = await fileSize(path);
  if (there !== undefined) {
    report(there);
    return there;
  }
  const part = `${path}.part`;
  const request: FileRequest = { path: part, bytes: file.bytes, sha256: file.sha256, signal, onBytes: report };
  const bring = (): Promise<void> =>
    places.kind === 'url' ? downloadFile(places.of(file.name), request, io) : copyFile(places.of(file.name), request);
  const resumed = ((await fileSize(part)) ?? 0) > 0;
  await bring();
  let wrong = await whatIsWrong(part, file, signal);
  if (wrong !== '' && resumed) {
    // The start may be of another version: once more, from nothing.
    await discardPart(part);
    await bring();
    wrong = await whatIsWrong(part, file, signal);
  }
  if (wrong !== '') {
    await discardPart(part);
    throw new ScriptoriumError('model-invalid', `${places.of(file.name)[0] ?? ''}: ${wrong}`);
  }
  const size = (await fileSize(part)) ?? 0;
  report(size);
  await forgetOrigin(part);
  await rename(part, path);
  return size;
}

/** Why a downloaded file is not the published one; empty when nothing speaks against it. */
async function whatIsWrong(path: string, file: CatalogedFile, signal: AbortSignal): Promise<string> {
  if (file.sha256 !== null) {
    const sum = await sha256OfFile(path, { signal });
    return sum === file.sha256 ? '' : `its SHA-256 is ${sum}, not the published ${file.sha256}`;
  }
  // No file of a model starts with a tag, as error pages do, whatever they call themselves.
  const handle = await open(path, 'r');
  try {
    const head = new Uint8Array(64);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    if (bytesRead === 0) return 'it is empty';
    return new TextDecoder().decode(head.subarray(0, bytesRead)).trimStart().startsWith('<')
      ? 'it is a web page, not a model file'
      : '';
  } finally {
    await handle.close();
  }
}

/** Better no start than a full disk after an hour. */
async function checkSpace(folder: string, entry: CatalogEntry): Promise<void> {
  const disk = await statfs(folder).catch(() => undefined);
  if (disk === undefined) return;
  const names = entry.files.flatMap(({ name }) => [name, `${name}.part`]);
  const sizes = await Promise.all(names.map((name) => fileSize(join(folder, name))));
  const needed = entry.bytes - sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  const free = disk.bavail * disk.bsize;
  if (free < needed) {
    throw new ScriptoriumError(
      'output-unwritable',
      `${folder}: ${entry.name} needs ${megabytes(needed)} more, the disk has ${megabytes(free)} free`,
    );
  }
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;
