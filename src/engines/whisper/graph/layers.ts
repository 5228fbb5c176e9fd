import type { WhisperModel } from '../model/whisper-model.ts';
import type { GraphBuilder, Value } from './graph-builder.ts';
import type { QuantizedMatrix } from './quantize.ts';
import { quantizeMatrix, transpose } from './quantize.ts';

export type Precision = 'int8' | 'f32';

/** How well one matrix survived: kept in the cache beside the graph, so that anyone can check. */
export interface MatrixReport {
  readonly name: string;
  readonly precision: Precision;
  /** In dB; null for f32. */
  readonly signalToNoise: number | null;
}

/** Everything a layer needs to put itself into a graph. */
export interface LayerContext {
  readonly graph: GraphBuilder;
  readonly model: Pick<WhisperModel, 'shape' | 'tensor' | 'tensorNames'>;
  readonly precision: Precision;
  readonly report: MatrixReport[];
  /**
   * Whether rows of one tensor belong to different segments: each is then quantised by itself, so that a segment's words do not
   * depend on what else is in the batch.
   */
  readonly mixedRows: boolean;
}

/** Everything a whole graph needs. */
export interface GraphContext extends LayerContext {
  readonly model: WhisperModel;
}

/**
 * A matrix that keeps less than this stays f32. Speech is heard through 30 dB of weight noise without loss; trained Whisper
 * matrices give 36 to 44 dB.
 */
const MIN_SIGNAL_TO_NOISE_DB = 30;

/** LayerNorm's epsilon in OpenAI's code (PyTorch's default). */
const EPSILON = 1e-5;

export interface Matrix {
  readonly name: string;
  readonly outputs: number;
  readonly inputs: number;
  /** `[outputs, inputs]` */
  readonly weights: Float32Array;
  readonly bias?: Float32Array | undefined;
  /** How many matrices of as many outputs these are; 1 unless given. Each must survive being quantised. */
  readonly parts?: number;
}

/** `x · weightsᵀ + bias` over the last axis, in the context's precision where the matrix stands it. */
export async function matrixProduct(context: LayerContext, x: Value, matrix: Matrix): Promise<Value> {
  const { graph, report } = context;
  const { name, outputs, inputs, weights, bias, parts } = matrix;
  if (context.precision === 'int8') {
    const quantized = quantizeMatrix(weights, outputs, inputs, parts);
    if (quantized.signalToNoise >= MIN_SIGNAL_TO_NOISE_DB) {
      report.push({ name, precision: 'int8', signalToNoise: quantized.signalToNoise });
      if (context.mixedRows) return rowwiseProduct(graph, x, matrix, quantized);
      const [values, scale, zero] = graph.quantize(x);
      const operands = [
        values,
        await graph.weight(`${name}.int8`, [inputs, outputs], quantized.values),
        scale,
        await graph.weight(`${name}.scale`, [outputs], quantized.scales),
        zero,
        '',
      ];
      if (bias !== undefined) operands.push(await graph.weight(`${name}.bias`, [outputs], bias));
      return graph.fused('MatMulIntegerToFloat', operands);
    }
  }
  report.push({ name, precision: 'f32', signalToNoise: null });
  const product = graph.op('MatMul', [
    x,
    await graph.weight(`${name}.f32`, [inputs, outputs], transpose(weights, outputs, inputs)),
  ]);
  return bias === undefined ? product : graph.op('Add', [product, await graph.weight(`${name}.bias`, [outputs], bias)]);
}

async function rowwiseProduct(
  graph: GraphBuilder,
  x: Value,
  { name, outputs, inputs, bias }: Matrix,
  { values, scales }: QuantizedMatrix,
): Promise<Value> {
  const [rows, largest] = graph.quantizeRows(x);
  const unit = graph.fused('MatMulIntegerToFloat', [
    rows,
    await graph.weight(`${name}.int8`, [inputs, outputs], values),
    graph.float(1 / 127),
    await graph.weight(`${name}.scale`, [outputs], scales),
    graph.byte(128),
  ]);
  const product = graph.op('Mul', [unit, largest]);
  return bias === undefined ? product : graph.op('Add', [product, await graph.weight(`${name}.bias`, [outputs], bias)]);
}

/** One of OpenAI's `Linear`s. */
export interface Linear {
  readonly name: string;
  /** Its outputs are multiplied by this; 1 unless given. */
  readonly factor?: number;
}

/** OpenAI's `Linear` called `name`. */
export const linear = (context: LayerContext, x: Value, name: string): Promise<Value> =>
  joinedLinear(context, x, [{ name }]);

/** Several `Linear`s of one input, of as many outputs each, as one product: their outputs stand side by side. */
export async function joinedLinear(context: LayerContext, x: Value, linears: readonly Linear[]): Promise<Value> {
  const { model } = context;
  const read = async (name: string): Promise<Float32Array | undefined> =>
    model.tensorNames.includes(name) ? (await model.tensor(name)).data : undefined;
  const parts = await Promise.all(
    linears.map(async ({ name, factor = 1 }) => {
      const { dims, data } = await model.tensor(`${name}.weight`);
      const times = (values: Float32Array): Float32Array =>
        factor === 1 ? values : values.map((value) => value * factor);
      const bias = await read(`${name}.bias`);
      return { dims, weights: times(data), bias: bias === undefined ? undefined : times(bias) };
    }),
  );
  const [each = 0, inputs = 0] = parts[0]?.dims ?? [];
  const hasBias = parts.some(({ bias }) => bias !== undefined);
  return matrixProduct(context, x, {
    name: linears.map(({ name }) => name).join('+'),
    outputs: each * parts.length,
    inputs,
    weights: joined(parts.map(({ weights }) => weights)),
    bias: hasBias ? joined(parts.map(({ bias }) => bias ?? new Float32Array(each))) : undefined,
    parts: parts.length,
  });
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** `LayerNorm` over the last axis. */
export async function layerNorm(context: LayerContext, x: Value, name: string): Promise<Value> {
  const { graph, model } = context;
  const weight = await model.tensor(`${name}.weight`);
  const bias = await model.tensor(`${name}.bias`);
  return graph.op(
    'LayerNormalization',
    [
      x,
      await graph.weight(`${name}.weight`, [weight.data.length], weight.data),
      await graph.weight(`${name}.bias`, [bias.data.length], bias.data),
    ],
    { axis: -1, epsilon: { float: EPSILON } },
  );
}

/** The block's two-layer perceptron with its residual. */
export async function perceptron(context: LayerContext, x: Value, block: string): Promise<Value> {
  const { graph } = context;
  const normal = await layerNorm(context, x, `${block}.mlp_ln`);
  const hidden = graph.fused('Gelu', [await linear(context, normal, `${block}.mlp.0`)]);
  return graph.op('Add', [x, await linear(context, hidden, `${block}.mlp.2`)]);
}
