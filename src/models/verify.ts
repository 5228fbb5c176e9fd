/** Whether a model on this machine is whole. */
import { join } from 'node:path';
import { ScriptoriumError } from '../core/index.ts';
import { sha256OfFile } from './checksum.ts';
import { fileSize, knownEntry, modelFolder, storedModel, type ModelStore } from './store.ts';

export interface Verification {
  readonly name: string;
  /** A file or a folder, as a reader opens it. */
  readonly path: string;
  /** `sha256` when every large file was compared with a published sum, else `structure`: it was only opened. */
  readonly by: 'sha256' | 'structure';
  readonly sound: boolean;
  /** Why it is not sound; empty when it is. */
  readonly reason: string;
}

export interface VerifyOptions {
  /** Opens the model as an engine would, and rejects when that fails; what has no published sum is checked by it. */
  readonly open: (path: string) => Promise<void>;
  readonly onProgress?: (progress: { readonly checkedBytes: number; readonly totalBytes: number }) => void;
  readonly signal?: AbortSignal;
}

/** Files above it hold weights: these must have a published sum for `sha256` to be said. */
const WEIGHTS_BYTES = 10_000_000;

/**
 * Compares every file of a built-in or pulled model with its published size and SHA-256, and opens the model when a sum
 * is not known.
 *
 * @throws ScriptoriumError `model-missing` when it is unknown or not here; the reason of `signal`.
 */
export async function verifyModel(store: ModelStore, name: string, options: VerifyOptions): Promise<Verification> {
  const entry = knownEntry(store, name);
  const { path, bytes } = await storedModel(store, entry);
  if (path === undefined) throw new ScriptoriumError('model-missing', `${entry.name} is not on this machine`);
  const folder = entry.builtIn ? store.builtInFolder : modelFolder(store, entry);
  let by: Verification['by'] = 'sha256';
  let checked = 0;
  for (const file of entry.files) {
    const full = join(folder, file.name);
    const size = (await fileSize(full)) ?? 0;
    const verdict = { name: entry.name, path, by: 'sha256' as const, sound: false };
    if (file.bytes !== null && size !== file.bytes) {
      return { ...verdict, reason: `${file.name} has ${size} bytes, not ${file.bytes}` };
    }
    if (file.sha256 !== null) {
      const start = checked;
      const sum = await sha256OfFile(full, {
        signal: options.signal,
        onBytes: (done) => options.onProgress?.({ checkedBytes: start + done, totalBytes: bytes }),
      });
      if (sum !== file.sha256) return { ...verdict, reason: `${file.name} is damaged: its SHA-256 is ${sum}` };
    } else if (size > WEIGHTS_BYTES || entry.files.length === 1) {
      by = 'structure';
    }
    checked += size;
    options.onProgress?.({ checkedBytes: checked, totalBytes: bytes });
  }
  if (by === 'sha256') return { name: entry.name, path, by, sound: true, reason: '' };
  try {
    await options.open(path);
    return { name: entry.name, path, by, sound: true, reason: '' };
  } catch (error) {
    return { name: entry.name, path, by, sound: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
