/**
 * How a window's keys and values go from the encoder to the decoder, and how they are attended to. With int8 weights they are
 * int8 too: a step reads all of them for every token, so their bytes are what it takes time for.
 *
 * Keys are first freed of their mean over the positions, which a softmax does not see, then each of a head's 64 dimensions is
 * scaled to its own largest magnitude in the window, and so are values. A key's scale goes into the query, a value's into
 * what is mixed; queries and weights are quantised row by row. So nothing depends on what else is in the batch. (Smoothing of keys:
 * SageAttention, arXiv 2410.02367.)
 */
import type { GraphBuilder, Value } from './graph-builder.ts';
import type { WhisperModel } from '../model/whisper-model.ts';
import type { LayerContext } from './layers.ts';
import { crossTracks, type Track } from './memory-layout.ts';
import { DataType } from './onnx-proto.ts';

/**
 * The largest quantised key or value. uint8 times int8 is added up by pairs in 16 bits where there is no VNNI: 255 · (64 + 64) fits.
 */
const CROSS_LIMIT = 64;
/** Queries are unsigned, about this; what that adds to each score is known from the keys alone, and taken off as their `cross_offset`. */
const QUERY_ZERO = 128;
const QUERY_LIMIT = 127;
const WEIGHT_LIMIT = 255;
const LEAST_MAGNITUDE = 1e-9;
/** Queries below this are as good as none; not less, so that a hidden place stays hidden when its score is scaled. */
const LEAST_QUERY = 1e-3;

/** What of a layer's surroundings it takes. */
export interface CrossContext extends Pick<LayerContext, 'graph' | 'precision'> {
  readonly model: Pick<WhisperModel, 'shape'>;
}

const typeOf = ({ type }: Track): DataType => (type === 'int8' ? DataType.int8 : DataType.float);

function tracksOf({ model, precision }: CrossContext, layer: number): readonly Track[] {
  const all = crossTracks(model.shape, precision);
  const each = all.length / model.shape.textLayers;
  return all.slice(layer * each, (layer + 1) * each);
}

/** Makes outputs of the encoder, `[...before, positions, ...after]` each, of a decoder layer's keys and values `[positions, state]`. */
export function keepCross(context: CrossContext, layer: number, key: Value, value: Value): void {
  const { graph } = context;
  const made =
    context.precision === 'int8'
      ? [...quantizedKeys(context, key), ...quantizedValues(context, value)]
      : [headsFirst(context, key), headsFirst(context, value)];
  tracksOf(context, layer).forEach((track, index) => {
    const { name, before, after, isFixed } = track;
    graph.output(name, made[index] ?? '', typeOf(track), [...before, isFixed === true ? 1 : 'positions', ...after]);
  });
}

/** `[positions, state]` to `[heads, positions, 64]`. */
function headsFirst({ graph, model }: CrossContext, x: Value): Value {
  const { textHeads, textState } = model.shape;
  const heads = graph.op('Reshape', [x, graph.ints(-1, textHeads, textState / textHeads)]);
  return graph.op('Transpose', [heads], { perm: [1, 0, 2] });
}

/** int8 of each row of `[state, positions]` by its own largest magnitude, and the scale `[heads, 1, 64]` that undoes it. */
function quantizedRows(context: CrossContext, x: Value): readonly [values: Value, scale: Value] {
  const { graph, model } = context;
  const { textHeads, textState } = model.shape;
  const magnitude = graph.op('ReduceMax', [graph.op('Abs', [x])], { axes: [1], keepdims: 0 });
  const scale = graph.op('Mul', [
    graph.op('Max', [magnitude, graph.float(LEAST_MAGNITUDE)]),
    graph.float(1 / CROSS_LIMIT),
  ]);
  const values = graph.op('QuantizeLinear', [x, scale, graph.signedBytes(textState)], { axis: 0 });
  return [values, graph.op('Reshape', [scale, graph.ints(textHeads, 1, textState / textHeads)])];
}

const positionsLast = ({ graph }: CrossContext, x: Value): Value => graph.op('Transpose', [x], { perm: [1, 0] });

/** `[state, positions]` to `[heads, 64, positions]`. */
function byHeads({ graph, model }: CrossContext, x: Value): Value {
  const { textHeads, textState } = model.shape;
  return graph.op('Reshape', [x, graph.ints(textHeads, textState / textHeads, -1)]);
}

function quantizedKeys(context: CrossContext, key: Value): readonly Value[] {
  const { graph } = context;
  const turned = positionsLast(context, key);
  const centred = graph.op('Sub', [turned, graph.op('ReduceMean', [turned], { axes: [1], keepdims: 1 })]);
  const [values, scale] = quantizedRows(context, centred);
  const heads = byHeads(context, values);
  const sums = graph.op('ReduceSum', [graph.op('Cast', [heads], { to: DataType.float }), graph.ints(1)], {
    keepdims: 1,
  });
  return [heads, scale, graph.op('Mul', [sums, graph.float(QUERY_ZERO)])];
}

function quantizedValues(context: CrossContext, value: Value): readonly Value[] {
  const [values, scale] = quantizedRows(context, positionsLast(context, value));
  return [context.graph.op('Transpose', [byHeads(context, values)], { perm: [0, 2, 1] }), scale];
}

/** What rows hear: their attention over the positions, and the values mixed by it. */
export interface Heard {
  /** `[groups, heads, R, A]` */
  readonly weights: Value;
  /** `[groups, heads, R, 64]` */
  readonly mixed: Value;
}

/**
 * Adds the decoder's inputs of a layer, and attends to them.
 *
 * @param query `[groups, heads, R, 64]`, scaled. @param mask `[groups, 1, 1, A]`.
 */
export function attendCross(context: CrossContext, layer: number, query: Value, mask: Value): Heard {
  const { graph } = context;
  const inputs = tracksOf(context, layer).map((track) => {
    const { name, before, after, isFixed } = track;
    return graph.input(name, typeOf(track), ['G', ...before, isFixed === true ? 1 : 'A', ...after]);
  });
  const [first = '', second = '', offset = '', value = '', valueScale = ''] = inputs;
  if (context.precision === 'f32') return attend(graph, query, first, second, mask);
  return attendQuantized(graph, query, mask, { key: first, keyScale: second, offset, value, valueScale });
}

/**
 * Each row by itself: a matrix of few rows is first packed for speed that few rows never earn back, while a single row streams
 * through keys and values as they lie (1.5 times as fast for five rows, the same for one).
 */
function attend(graph: GraphBuilder, query: Value, key: Value, value: Value, mask: Value): Heard {
  const eachRow = (rows: Value, cached: Value, product: (rows: Value, cached: Value) => Value): Value =>
    graph.op('Squeeze', [
      product(graph.op('Unsqueeze', [rows, graph.ints(3)]), graph.op('Unsqueeze', [cached, graph.ints(2)])),
      graph.ints(3),
    ]);
  const scores = eachRow(query, key, (rows, keys) => graph.fused('FusedMatMul', [rows, keys], { transB: 1 }));
  const weights = graph.op('Softmax', [graph.op('Add', [scores, mask])], { axis: -1 });
  return { weights, mixed: eachRow(weights, value, (rows, values) => graph.op('MatMul', [rows, values])) };
}

interface QuantizedMemory {
  readonly key: Value;
  readonly keyScale: Value;
  readonly offset: Value;
  readonly value: Value;
  readonly valueScale: Value;
}

function attendQuantized(
  graph: GraphBuilder,
  query: Value,
  mask: Value,
  { key, keyScale, offset, value, valueScale }: QuantizedMemory,
): Heard {
  /** Both without zero points, since only then one row alone is not packed. */
  const product = (rows: Value, cached: Value): Value =>
    graph.op('Cast', [graph.op('MatMulInteger', [rows, cached])], { to: DataType.float });
  const scaled = graph.op('Mul', [query, keyScale]);
  const magnitude = graph.op('ReduceMax', [graph.op('Abs', [scaled])], { axes: [-1], keepdims: 1 });
  const largest = graph.op('Max', [magnitude, graph.float(LEAST_QUERY)]);
  const rows = graph.op('QuantizeLinear', [
    graph.op('Div', [scaled, largest]),
    graph.float(1 / QUERY_LIMIT),
    graph.byte(QUERY_ZERO),
  ]);
  const scores = graph.op('Mul', [
    graph.op('Sub', [product(rows, key), graph.op('Sub', [offset, mask])]),
    graph.op('Mul', [largest, graph.float(1 / QUERY_LIMIT)]),
  ]);
  const weights = graph.op('Softmax', [scores], { axis: -1 });
  const peak = graph.op('ReduceMax', [weights], { axes: [-1], keepdims: 1 });
  const shares = graph.op('QuantizeLinear', [
    graph.op('Div', [weights, peak]),
    graph.float(1 / WEIGHT_LIMIT),
    graph.byte(0),
  ]);
  // Not the weights' scale first: product and scale would be fused into an operator that packs single rows.
  const scaledBack = graph.op('Mul', [product(shares, value), valueScale]);
  const share = graph.op('Mul', [peak, graph.float(1 / WEIGHT_LIMIT)]);
  return { weights, mixed: graph.op('Mul', [scaledBack, share]) };
}
