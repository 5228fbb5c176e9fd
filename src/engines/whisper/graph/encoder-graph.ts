import type { WhisperModel } from '../model/whisper-model.ts';
import { BINS, HALF_FRAME, realKernel, imaginaryKernel } from '../features/dft.ts';
import { keepCross } from './cross-attention.ts';
import type { GraphBuilder, Value } from './graph-builder.ts';
import type { GraphContext } from './layers.ts';
import { layerNorm, linear, matrixProduct, perceptron } from './layers.ts';
import { DataType } from './onnx-proto.ts';
import { transpose } from './quantize.ts';

/**
 * The encoder, from folded frames to the decoder's cross attention:
 *
 * - inputs `even`, `odd` `[frames, 200]`: windowed frames folded about their middle (`features/frames.ts`);
 * - outputs of each decoder layer's cross attention (`memory-layout.ts`, without the groups), positions = frames / 2;
 * - `mel` `[frames, mels]` and `encoded` `[positions, state]`, for tests of parity.
 *
 * Any even number of frames up to twice the audio context goes: the positional table is cut to it.
 */
export async function buildEncoder(context: GraphContext): Promise<void> {
  const { graph, model } = context;
  const { shape } = model;
  const mel = await logMel(graph, model);
  graph.output('mel', mel, DataType.float, ['frames', shape.mels]);

  let x = graph.fused('Gelu', [await convolution({ ...context, precision: 'f32' }, mel, 'encoder.conv1', 1)]);
  x = graph.fused('Gelu', [await convolution(context, x, 'encoder.conv2', 2)]);
  const table = await model.tensor('encoder.positional_embedding');
  const positions = graph.op('Slice', [graph.op('Shape', [x]), graph.ints(0), graph.ints(1)]);
  x = graph.op('Add', [
    x,
    graph.op('Slice', [
      await graph.weight('encoder.positional_embedding', table.dims, table.data),
      graph.ints(0),
      positions,
      graph.ints(0),
    ]),
  ]);
  for (let layer = 0; layer < shape.audioLayers; layer++) {
    const block = `encoder.blocks.${layer}`;
    x = await perceptron(context, await selfAttention(context, x, block), block);
  }
  x = await layerNorm(context, x, 'encoder.ln_post');
  graph.output('encoded', x, DataType.float, ['positions', shape.audioState]);

  for (let layer = 0; layer < shape.textLayers; layer++) {
    const block = `decoder.blocks.${layer}.cross_attn`;
    keepCross(context, layer, await linear(context, x, `${block}.key`), await linear(context, x, `${block}.value`));
  }
}

/** OpenAI's `log_mel_spectrogram` from the folded frames on, as `[frames, mels]`. */
async function logMel(graph: GraphBuilder, model: WhisperModel): Promise<Value> {
  const even = graph.input('even', DataType.float, ['frames', HALF_FRAME]);
  const odd = graph.input('odd', DataType.float, ['frames', HALF_FRAME]);
  const real = graph.op('MatMul', [even, await graph.weight('dft.real', [HALF_FRAME, BINS], realKernel())]);
  const imaginary = graph.op('MatMul', [odd, await graph.weight('dft.imag', [HALF_FRAME, BINS], imaginaryKernel())]);
  const power = graph.op('Add', [graph.op('Mul', [real, real]), graph.op('Mul', [imaginary, imaginary])]);
  const { mels } = model.shape;
  const filters = await graph.weight('mel.filters', [BINS, mels], transpose(model.melFilters, mels, BINS));
  const energy = graph.op('Max', [graph.op('MatMul', [power, filters]), graph.float(1e-10)]);
  const decades = graph.op('Mul', [graph.op('Log', [energy]), graph.float(Math.LOG10E)]);
  const floor = graph.op('Sub', [graph.op('ReduceMax', [decades], { keepdims: 0 }), graph.float(8)]);
  const clamped = graph.op('Max', [decades, floor]);
  return graph.op('Mul', [graph.op('Add', [clamped, graph.float(4)]), graph.float(0.25)]);
}

/**
 * OpenAI's `Conv1d` of width 3 and padding 1 as one matrix product over three shifted views: rows stay positions, so that
 * nothing is transposed and int8 is as cheap here as in a linear layer.
 */
async function convolution(context: GraphContext, x: Value, name: string, stride: number): Promise<Value> {
  const { graph, model } = context;
  const { dims, data } = await model.tensor(`${name}.weight`);
  const [outputs = 0, inputs = 0, width = 0] = dims;
  const weights = new Float32Array(data.length);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let k = 0; k < width; k++) weights[(o * width + k) * inputs + i] = data[(o * inputs + i) * width + k] ?? 0;
    }
  }
  const padded = graph.op('Pad', [x, graph.ints(1, 0, 1, 0)]);
  const length = graph.op('Slice', [graph.op('Shape', [x]), graph.ints(0), graph.ints(1)]);
  const shifted: Value[] = [];
  for (let k = 0; k < width; k++) {
    const end = graph.op('Add', [length, graph.ints(k)]);
    shifted.push(graph.op('Slice', [padded, graph.ints(k), end, graph.ints(0), graph.ints(stride)]));
  }
  const joined = graph.op('Concat', shifted, { axis: 1 });
  const bias = (await model.tensor(`${name}.bias`)).data;
  return matrixProduct(context, joined, { name, outputs, inputs: inputs * width, weights, bias });
}

async function selfAttention(context: GraphContext, x: Value, block: string): Promise<Value> {
  const { graph, model } = context;
  const normal = await layerNorm(context, x, `${block}.attn_ln`);
  const parts: Value[] = [];
  for (const part of ['query', 'key', 'value']) {
    parts.push(graph.op('Unsqueeze', [await linear(context, normal, `${block}.attn.${part}`), graph.ints(0)]));
  }
  const mixed = graph.fused('MultiHeadAttention', parts, { num_heads: model.shape.audioHeads });
  return graph.op('Add', [x, await linear(context, graph.op('Squeeze', [mixed, graph.ints(0)]), `${block}.attn.out`)]);
}
