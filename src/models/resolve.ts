/** From what a user writes after `--model` to a path that a reader opens. */
import { stat } from 'node:fs/promises';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { ScriptoriumError } from '../core/index.ts';
import { findEntry, type CatalogEntry } from './catalog.ts';
import { storedModel, suggestion, type ModelStore } from './store.ts';

export interface ResolvedModel {
  readonly name: string;
  /** A file or a folder. */
  readonly path: string;
  /** `path` for whatever the catalogue did not lead to. */
  readonly state: 'built-in' | 'installed' | 'path';
  /** What the catalogue says; undefined for files that it does not know. */
  readonly entry?: CatalogEntry;
}

/**
 * Names go first: built-in, then pulled, then a folder or file that somebody put among the pulled ones. Anything else is
 * a path, which may be written `./small` where a name would win. A file with the name and size of a known one counts as it.
 *
 * @throws ScriptoriumError `model-missing` that says how to pull it, or which names are near.
 */
export async function resolveModel(store: ModelStore, nameOrPath: string): Promise<ResolvedModel> {
  const plain =
    !isAbsolute(nameOrPath) && !/[/\\]/.test(nameOrPath) && nameOrPath !== '' && !nameOrPath.startsWith('.');
  const entry = plain ? findEntry(store.catalog, nameOrPath) : undefined;
  if (entry !== undefined) {
    const stored = await storedModel(store, entry);
    if (stored.path !== undefined && stored.state !== 'absent') {
      return { name: entry.name, path: stored.path, state: stored.state, entry };
    }
  }
  if (plain) {
    const among = join(store.folder, nameOrPath);
    if (entry === undefined && (await stat(among).catch(() => undefined)) !== undefined) {
      return { name: nameOrPath, path: among, state: 'path' };
    }
  }
  const facts = nameOrPath === '' ? undefined : await stat(nameOrPath).catch(() => undefined);
  if (facts !== undefined) {
    const known = facts.isFile() ? entryOfFile(store, basename(nameOrPath), facts.size) : undefined;
    return {
      name: known?.name ?? basename(resolve(nameOrPath)).replace(/^ggml-|\.bin$/g, ''),
      path: nameOrPath,
      state: 'path',
      ...(known === undefined ? {} : { entry: known }),
    };
  }
  throw missing(store, nameOrPath, entry);
}

function entryOfFile(store: ModelStore, name: string, size: number): CatalogEntry | undefined {
  return store.catalog.entries.find(
    (entry) => entry.files.length === 1 && entry.files[0]?.name === name && entry.files[0].bytes === size,
  );
}

function missing(store: ModelStore, wanted: string, entry: CatalogEntry | undefined): ScriptoriumError {
  if (entry === undefined) {
    return new ScriptoriumError(
      'model-missing',
      `${wanted}: there is neither a model of this name nor a file or folder${suggestion(store, wanted)}`,
    );
  }
  const how = entry.builtIn ? 'install the package again' : `run: scriptorium models pull ${entry.name}`;
  return new ScriptoriumError('model-missing', `${entry.name} is not on this machine; ${how}`);
}
