/** Where each tensor of a whisper.cpp model file lies: read by hopping from header to header, data untouched. */
import { ScriptoriumError } from '../../../core/index.ts';
import type { FileWindow } from './file-window.ts';
import { GGML_TYPES, type GgmlType } from './ggml-types.ts';

/** Longest name that a tensor of `expectedTensors` has, with room to spare. */
const MAX_NAME_BYTES = 128;
const MAX_DIMS = 4;

export interface TensorPlace {
  readonly type: GgmlType;
  /** Outermost first. */
  readonly dims: readonly number[];
  readonly offset: number;
  readonly bytes: number;
}

/**
 * The tensors from the window's position to the end of the file, each as the shape wants it.
 * @throws ScriptoriumError `model-invalid` when one is unknown, doubled, missing, of another shape or cut off.
 */
export async function readGgmlIndex(
  window: FileWindow,
  expected: ReadonlyMap<string, readonly number[]>,
): Promise<ReadonlyMap<string, TensorPlace>> {
  const places = new Map<string, TensorPlace>();
  while (window.position() < window.size) {
    const [name, place] = await readHeader(window, expected);
    if (places.has(name)) fail(`the tensor ${name} is there twice`);
    places.set(name, place);
    window.seek(place.offset + place.bytes);
  }
  for (const name of expected.keys()) {
    if (!places.has(name)) fail(`the tensor ${name} is missing: the file is cut off or of another kind`);
  }
  return places;
}

async function readHeader(
  window: FileWindow,
  expected: ReadonlyMap<string, readonly number[]>,
): Promise<[string, TensorPlace]> {
  await window.load(12);
  const rank = window.int32();
  const nameBytes = window.int32();
  const kind = window.int32();
  const type = GGML_TYPES.get(kind);
  if (rank < 1 || rank > MAX_DIMS || nameBytes < 1 || nameBytes > MAX_NAME_BYTES) {
    fail(`there is no tensor at byte ${window.position() - 12}: the file is damaged`);
  }
  await window.load(4 * rank + nameBytes);
  const stored = Array.from({ length: rank }, () => window.int32()).reverse();
  const name = Buffer.from(window.bytes(nameBytes)).toString('latin1');
  const dims = expected.get(name);
  if (dims === undefined) fail(`it holds a tensor that no Whisper has, at byte ${window.position()}`);
  if (type === undefined) fail(`the tensor ${name} is of type ${kind}, which is not supported`);
  if (!sameDims(stored, dims)) fail(`the tensor ${name} is ${stored.join(' by ')}, not ${dims.join(' by ')}`);
  const count = dims.reduce((product, size) => product * size, 1);
  const row = stored.at(-1) ?? 0;
  if (row % type.block !== 0) fail(`the tensor ${name} has rows of ${row}, no whole blocks of ${type.name}`);
  const bytes = (count / type.block) * type.bytesPerBlock;
  const offset = window.position();
  if (offset + bytes > window.size) {
    fail(`the tensor ${name} ends at byte ${offset + bytes}, the file at ${window.size}: it is cut off`);
  }
  return [name, { type, dims, offset, bytes }];
}

/** The same but for dimensions of 1, which whisper.cpp adds to the biases of convolutions. */
function sameDims(a: readonly number[], b: readonly number[]): boolean {
  const [left, right] = [a.filter((size) => size !== 1), b.filter((size) => size !== 1)];
  return left.length === right.length && left.every((size, index) => size === right[index]);
}

function fail(what: string): never {
  throw new ScriptoriumError('model-invalid', what);
}
