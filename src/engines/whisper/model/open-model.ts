import { open, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { ScriptoriumError } from '../../../core/index.ts';
import { GGML_MAGIC } from './ggml-head.ts';
import { inFile } from './in-file.ts';
import type { AttentionHead, WhisperModel } from './whisper-model.ts';

export interface OpenModelOptions {
  /** What to call it; by default the file's or folder's name without `ggml-` and `.bin`. */
  readonly name?: string;
  /** Heads to read word times from, when they are known; see `WhisperModel.alignmentHeads`. */
  readonly alignmentHeads?: readonly AttentionHead[];
}

/** Enough to know every kind of file below. */
const SNIFF_BYTES = 16;

/**
 * Opens a model, whatever kind it is: a whisper.cpp file, a Hugging Face folder or the weights inside one. What the
 * bytes say counts, not the name.
 *
 * @throws ScriptoriumError `model-missing`, `model-invalid` or `input-unreadable`, naming the path.
 */
export async function openWhisperModel(path: string, options: OpenModelOptions = {}): Promise<WhisperModel> {
  const kind = await sniff(path);
  const root = kind === 'weights' ? dirname(resolve(path)) : path;
  const facts = {
    name: options.name ?? basename(resolve(root)).replace(/^ggml-|\.bin$/g, ''),
    alignmentHeads: options.alignmentHeads,
  };
  // Loaded when it is needed: the one's schemas cost the start of the other more than its own reader does.
  if (kind === 'ggml') return (await import('./ggml-model.ts')).openGgmlModel(path, facts);
  return (await import('./huggingface-model.ts')).openHuggingfaceModel(root, facts);
}

async function sniff(path: string): Promise<'ggml' | 'folder' | 'weights'> {
  const facts = await stat(path).catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')) {
      throw new ScriptoriumError('model-missing', `${path}: there is no such model`, { cause });
    }
    throw new ScriptoriumError('input-unreadable', `${path}: it cannot be read`, { cause });
  });
  if (facts.isDirectory()) return 'folder';
  if (!facts.isFile()) throw new ScriptoriumError('model-invalid', `${path}: it is neither a file nor a folder`);
  return inFile(path, async () => {
    const handle = await open(path, 'r');
    try {
      const bytes = new Uint8Array(SNIFF_BYTES);
      const { bytesRead } = await handle.read(bytes, 0, SNIFF_BYTES, 0);
      return kindOf(bytes.subarray(0, bytesRead));
    } finally {
      await handle.close();
    }
  });
}

/** What the first bytes say. @throws ScriptoriumError `model-invalid` that tells apart what people mistake for a model. */
function kindOf(head: Uint8Array): 'ggml' | 'weights' {
  const text = Buffer.from(head).toString('latin1');
  if (head.length === 0) throw new ScriptoriumError('model-invalid', 'it is empty');
  if (head.length >= 4 && new DataView(head.buffer).getUint32(0, true) === GGML_MAGIC) return 'ggml';
  if (text.startsWith('{', 8)) return 'weights';
  for (const [start, what] of MISTAKEN) {
    if (text.toLowerCase().startsWith(start)) throw new ScriptoriumError('model-invalid', what);
  }
  throw new ScriptoriumError('model-invalid', 'it is neither a whisper.cpp model nor a Hugging Face folder');
}

const MISTAKEN: readonly (readonly [start: string, what: string])[] = [
  ['version https://', 'it is a Git LFS pointer, not the model itself'],
  ['<!doctype', 'it is a web page, not a model'],
  ['<html', 'it is a web page, not a model'],
  ['gguf', 'GGUF files are not supported; whisper.cpp models are'],
  ['pk\u0003\u0004', 'PyTorch files are not supported; take the ggml or safetensors version'],
];
