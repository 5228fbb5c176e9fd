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
  readonly model: WhisperModel;
  readonly precision: Precision;
  readonly report: MatrixReport[];
  /**
   * Whether rows of one tensor belong to different segments: each is then quantised by itself, so that a segment's words do not
   * depend on what else is in the batch.
   */
  readonly mixedRows: boolean;
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
}

/** `x · weightsᵀ + bias` over the last axis, in the context's precision where the matrix stands it. */
export async function matrixProduct(context: LayerContext, x: Value, matrix: Matrix): Promise<Value> {
  const { graph, report } = context;
  const { name, outputs, inputs, weights, bias } = matrix;
  if (context.precision === 'int8') {
    const quantized = quantizeMatrix(weights, outputs, inputs);
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

/** OpenAI's `Linear` called `name`. */
export async function linear(context: LayerContext, x: Value, name: string): Promise<Value> {
  const { dims, data } = await context.model.tensor(`${name}.weight`);
  const [outputs = 0, inputs = 0] = dims;
  const biasName = `${name}.bias`;
  const bias = context.model.tensorNames.includes(biasName) ? (await context.model.tensor(biasName)).data : undefined;
  return matrixProduct(context, x, { name, outputs, inputs, weights: data, bias });
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
