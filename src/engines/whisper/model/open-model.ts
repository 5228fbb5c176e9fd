import { basename } from 'node:path';
import { openGgmlModel } from './ggml-model.ts';
import type { AttentionHead, WhisperModel } from './whisper-model.ts';

export interface OpenModelOptions {
  /** What to call it; by default the file's or folder's name without `ggml-` and `.bin`. */
  readonly name?: string;
  /** Heads to read word times from, when they are known; see `WhisperModel.alignmentHeads`. */
  readonly alignmentHeads?: readonly AttentionHead[];
}

/**
 * Opens a model, whatever kind it is: what the bytes say counts, not the name.
 * @throws ScriptoriumError `model-missing`, `model-invalid` or `input-unreadable`, naming the path.
 */
export async function openWhisperModel(path: string, options: OpenModelOptions = {}): Promise<WhisperModel> {
  const name = options.name ?? basename(path).replace(/^ggml-|\.bin$/g, '');
  return openGgmlModel(path, { name, alignmentHeads: options.alignmentHeads });
}
