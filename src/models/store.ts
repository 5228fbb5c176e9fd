/** Where models stand on this machine: those that ship with the package, and a folder of pulled ones. */
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ScriptoriumError } from '../core/index.ts';
import { findEntry, type Catalog, type CatalogEntry } from './catalog.ts';
import { nearNames } from './did-you-mean.ts';
import { withLock } from './lock.ts';

export interface ModelStore {
  readonly catalog: Catalog;
  /** Holds `catalog.json` and the files of built-in models. */
  readonly builtInFolder: string;
  /** Holds a folder a pulled model; made when it is first needed. */
  readonly folder: string;
}

export interface StoredModel {
  readonly entry: CatalogEntry;
  readonly state: 'built-in' | 'installed' | 'absent';
  /** What a reader opens, a file or a folder; undefined when absent. */
  readonly path?: string;
  /** On disk when it is there, else as much as is known of the download. */
  readonly bytes: number;
}

/** Where a pulled model's files stand. */
export const modelFolder = (store: ModelStore, entry: CatalogEntry): string => join(store.folder, entry.name);
/** Where they stand until all are there. */
export const partialFolder = (store: ModelStore, entry: CatalogEntry): string =>
  join(store.folder, `.${entry.name}.partial`);
export const lockPath = (store: ModelStore, entry: CatalogEntry): string => join(store.folder, `.${entry.name}.lock`);

/** @throws ScriptoriumError `model-missing` with names that are near. */
export function knownEntry(store: ModelStore, name: string): CatalogEntry {
  const entry = findEntry(store.catalog, name);
  if (entry !== undefined) return entry;
  throw new ScriptoriumError('model-missing', `${name}: no such model is known${suggestion(store, name)}`);
}

/** `; did you mean small or small.en?`, or nothing when no name is near. */
export function suggestion(store: ModelStore, name: string): string {
  const near = nearNames(name, [...store.catalog.entries.map((entry) => entry.name), ...store.catalog.aliases.keys()]);
  return near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`;
}

/** How one known model stands on this machine. */
export async function storedModel(store: ModelStore, entry: CatalogEntry): Promise<StoredModel> {
  const folder = entry.builtIn ? store.builtInFolder : modelFolder(store, entry);
  const sizes = await Promise.all(entry.files.map((file) => fileSize(join(folder, file.name))));
  if (sizes.some((size) => size === undefined)) return { entry, state: 'absent', bytes: entry.bytes };
  const [first] = entry.files;
  return {
    entry,
    state: entry.builtIn ? 'built-in' : 'installed',
    path: entry.format === 'ggml' && first !== undefined ? join(folder, first.name) : folder,
    bytes: sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0),
  };
}

/** Every known model, in the catalogue's order. */
export async function listModels(store: ModelStore): Promise<readonly StoredModel[]> {
  return Promise.all(store.catalog.entries.map((entry) => storedModel(store, entry)));
}

/**
 * Deletes a pulled model, and what an unfinished pull left of it.
 * @throws ScriptoriumError `model-missing` when it is not there, `usage-invalid` when it ships with the package,
 *   `model-download-failed` while it is being pulled.
 */
export async function removeModel(
  store: ModelStore,
  name: string,
): Promise<{ readonly path: string; readonly bytes: number }> {
  const entry = knownEntry(store, name);
  if (entry.builtIn) throw new ScriptoriumError('usage-invalid', `${entry.name} ships with the package and stays`);
  const path = modelFolder(store, entry);
  const partial = partialFolder(store, entry);
  const parts = entry.files.flatMap((file) => [
    join(path, file.name),
    join(partial, file.name),
    join(partial, `${file.name}.part`),
  ]);
  const sizes = await Promise.all(parts.map(fileSize));
  if (sizes.every((size) => size === undefined)) {
    throw new ScriptoriumError('model-missing', `${entry.name} is not on this machine: there is nothing to remove`);
  }
  await withLock(lockPath(store, entry), entry.name, async () => {
    await rm(path, { recursive: true, force: true });
    await rm(partial, { recursive: true, force: true });
  });
  return { path, bytes: sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0) };
}

/** Size of a file; undefined when there is none. */
export async function fileSize(path: string): Promise<number | undefined> {
  const facts = await stat(path).catch(() => undefined);
  return facts?.isFile() === true ? facts.size : undefined;
}
