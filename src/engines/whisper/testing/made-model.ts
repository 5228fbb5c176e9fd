/** Shapes and contents for made models: small, of any kind, the same every time. */
import { expectedTensors } from '../model/model-shape.ts';
import type { WhisperShape } from '../model/whisper-model.ts';
import { seededGauss } from './random.ts';

/** Total tokens: English-only, multilingual, multilingual with Cantonese, and English-only with 1,000 ordinary tokens. */
const VOCABULARIES = { english: 51_864, multilingual: 51_865, 'large-v3': 51_866, tiny: 2_608 } as const;

export interface MadeShapeOptions {
  readonly vocabulary?: keyof typeof VOCABULARIES;
  readonly state?: number;
  readonly heads?: number;
  readonly audioLayers?: number;
  readonly textLayers?: number;
  readonly mels?: number;
  readonly audioContext?: number;
  readonly textContext?: number;
}

/** A shape; by default one layer and one head of 64 on either side, English-only, windows of 30 s. */
export function madeShape(options: MadeShapeOptions = {}): WhisperShape {
  const { state = 64, heads = state / 64, mels = 80 } = options;
  return {
    vocabulary: VOCABULARIES[options.vocabulary ?? 'english'],
    audioContext: options.audioContext ?? 1500,
    audioState: state,
    audioHeads: heads,
    audioLayers: options.audioLayers ?? 1,
    textContext: options.textContext ?? 448,
    textState: state,
    textHeads: heads,
    textLayers: options.textLayers ?? 1,
    mels,
  };
}

export interface MadeTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/**
 * Every tensor of the shape, in the order of `expectedTensors`, with seeded values: layer norms near the identity,
 * weights scaled by their width so that activations stay in range.
 */
export function* madeTensors(shape: WhisperShape, seed = 1): Generator<MadeTensor> {
  const gauss = seededGauss(seed);
  for (const [name, dims] of expectedTensors(shape)) {
    const data = new Float32Array(dims.reduce((product, length) => product * length, 1));
    const norm = /_?ln(_post)?\./.test(name);
    const scale = norm || dims.length === 1 ? 0.05 : 1 / Math.sqrt(data.length / (dims[0] ?? 1));
    const base = norm && name.endsWith('.weight') ? 1 : 0;
    for (let index = 0; index < data.length; index++) data[index] = base + scale * gauss();
    yield { name, dims, data };
  }
}
