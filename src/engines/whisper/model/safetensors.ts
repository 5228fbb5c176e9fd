/** Files in Hugging Face's safetensors format: a JSON header that says where each tensor lies, then the data. */
import { open, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { ScriptoriumError } from '../../../core/index.ts';
import { readExactly } from './file-window.ts';
import { floatsFromBf16, floatsFromF16, floatsFromF32 } from './float-codecs.ts';

import { inFile } from './in-file.ts';
import { parseJson } from './json-file.ts';
import type { Tensor } from './whisper-model.ts';

/** The format itself allows 100 MB; a Whisper's header has 200 KB. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;
const LENGTH_BYTES = 8;
const MAX_DIMS = 8;

const count = z.int().min(0);
const Entry = z.object({
  dtype: z.string(),
  shape: z.array(count).max(MAX_DIMS),
  data_offsets: z.tuple([count, count]),
});
const Header = z.record(z.string(), z.unknown());

interface FloatKind {
  readonly bytes: number;
  convert(bytes: Uint8Array, into: Float32Array): void;
}

const KINDS: ReadonlyMap<string, FloatKind> = new Map<string, FloatKind>([
  ['F32', { bytes: 4, convert: floatsFromF32 }],
  ['F16', { bytes: 2, convert: floatsFromF16 }],
  ['BF16', { bytes: 2, convert: floatsFromBf16 }],
]);

export interface SafetensorsFile extends AsyncDisposable {
  readonly handle: FileHandle;
  readonly size: number;
  /** Dimensions by the names in the file. */
  readonly dims: ReadonlyMap<string, readonly number[]>;
  /** Reads one tensor as f32. @throws ScriptoriumError `model-invalid` when it is no float or not there. */
  tensor(name: string): Promise<Tensor>;
}

/**
 * Opens a file and checks its header: every tensor lies inside it and is as long as its shape says.
 * @throws ScriptoriumError `model-invalid` or `input-unreadable`, naming the path.
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  return inFile(path, async () => {
    const handle = await open(path, 'r');
    try {
      return await readFile(handle, path);
    } catch (error) {
      await handle.close();
      throw error;
    }
  });
}

async function readFile(handle: FileHandle, path: string): Promise<SafetensorsFile> {
  const { size } = await handle.stat();
  const start = await readExactly(handle, size, 0, LENGTH_BYTES);
  const length = new DataView(start.buffer).getBigUint64(0, true);
  if (length > BigInt(Math.min(MAX_HEADER_BYTES, size - LENGTH_BYTES))) {
    throw new ScriptoriumError(
      'model-invalid',
      `its header claims ${length} bytes of ${size}: it is no safetensors file`,
    );
  }
  const headerBytes = Number(length);
  const text = new TextDecoder().decode(await readExactly(handle, size, LENGTH_BYTES, headerBytes));
  const places = readPlaces(text, LENGTH_BYTES + headerBytes, size);
  return {
    handle,
    size,
    dims: new Map([...places].map(([name, { dims }]) => [name, dims])),
    tensor: (name) =>
      inFile(path, async () => {
        const place = places.get(name);
        if (place === undefined) throw new ScriptoriumError('model-invalid', `it has no tensor ${name}`);
        const { dims, offset, bytes, kind } = place;
        const data = new Float32Array(bytes / kind.bytes);
        kind.convert(await readExactly(handle, size, offset, bytes), data);
        return { dims, data };
      }),
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

interface Place {
  readonly dims: readonly number[];
  readonly offset: number;
  readonly bytes: number;
  readonly kind: FloatKind;
}

/** Tensors that are no floats are left out: no Whisper needs them. */
function readPlaces(text: string, dataStart: number, size: number): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const [name, value] of Object.entries(parseJson(text, Header))) {
    if (name === '__metadata__') continue;
    const entry = Entry.safeParse(value);
    if (!entry.success) throw new ScriptoriumError('model-invalid', `its header describes a tensor wrongly: ${name}`);
    const { dtype, shape, data_offsets: span } = entry.data;
    const kind = KINDS.get(dtype);
    if (kind === undefined) continue;
    const bytes = shape.reduce((product, length) => product * length, kind.bytes);
    if (span[1] - span[0] !== bytes || dataStart + span[1] > size) {
      throw new ScriptoriumError(
        'model-invalid',
        `the tensor ${name} does not fit its place: the file is cut off or damaged`,
      );
    }
    places.set(name, { dims: shape, offset: dataStart + span[0], bytes, kind });
  }
  return places;
}
