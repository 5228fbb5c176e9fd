/** Models in whisper.cpp's ggml format, opened by index: a tensor is read and dequantised when it is asked for. */
import { open, type FileHandle } from 'node:fs/promises';
import { ScriptoriumError } from '../../../core/index.ts';
import { createTokenizer } from '../tokenizer/byte-level-tokenizer.ts';
import { MULTILINGUAL_VOCABULARY, specialTokensBySize } from '../tokenizer/special-tokens.ts';
import { chooseAlignmentHeads } from './alignment-heads.ts';
import { digestFile } from './file-digest.ts';
import { openWindow, readExactly } from './file-window.ts';
import { readGgmlHead } from './ggml-head.ts';
import { readGgmlIndex } from './ggml-index.ts';
import { inFile } from './in-file.ts';
import { expectedTensors } from './model-shape.ts';
import type { AttentionHead, WhisperModel } from './whisper-model.ts';

/** The head is read in pieces of this size: it is about 700 KB. */
const HEAD_READ_AHEAD = 256 * 1024;
/** A tensor's header is under 200 bytes. */
const INDEX_READ_AHEAD = 256;

export interface ModelFacts {
  readonly name: string;
  /** Known alignment heads; undefined for the fallback. */
  readonly alignmentHeads: readonly AttentionHead[] | undefined;
}

/**
 * Opens a model file and checks it whole, but for the values of its weights.
 * @throws ScriptoriumError `model-invalid` that names the file and what is wrong with it.
 */
export async function openGgmlModel(path: string, facts: ModelFacts): Promise<WhisperModel> {
  return inFile(path, async () => {
    const handle = await open(path, 'r');
    try {
      return await readModel(handle, path, facts);
    } catch (error) {
      await handle.close();
      throw error;
    }
  });
}

async function readModel(handle: FileHandle, path: string, facts: ModelFacts): Promise<WhisperModel> {
  const { size } = await handle.stat();
  const window = openWindow(handle, size, HEAD_READ_AHEAD);
  const { shape, melFilters, tokens } = await readGgmlHead(window);
  const special = specialTokensBySize(shape.vocabulary);
  if (tokens.length < special.endOfText) {
    throw new ScriptoriumError('model-invalid', `it lists ${tokens.length} tokens of at least ${special.endOfText}`);
  }
  const index = openWindow(handle, size, INDEX_READ_AHEAD);
  index.seek(window.position());
  const places = await readGgmlIndex(index, expectedTensors(shape));
  const tokenizer = createTokenizer({ tokens, vocabulary: shape.vocabulary, special });
  const alignmentHeads = chooseAlignmentHeads(shape, facts.alignmentHeads);
  return {
    name: facts.name,
    digest: await digestFile(handle, size),
    shape,
    multilingual: shape.vocabulary >= MULTILINGUAL_VOCABULARY,
    tokenizer,
    melFilters,
    alignmentHeads,
    tensorNames: [...places.keys()],
    tensor: (name) =>
      inFile(path, async () => {
        const place = places.get(name);
        if (place === undefined) throw new ScriptoriumError('model-invalid', `it has no tensor ${name}`);
        const bytes = await readExactly(handle, size, place.offset, place.bytes);
        const data = new Float32Array(place.dims.reduce((product, length) => product * length, 1));
        place.type.dequantise(bytes, data);
        return { dims: place.dims, data };
      }),
    [Symbol.asyncDispose]: () => handle.close(),
  };
}
