import type { WhisperModel } from '../model/whisper-model.ts';
import { attendCross } from './cross-attention.ts';
import type { GraphBuilder, Value } from './graph-builder.ts';
import type { GraphContext } from './layers.ts';
import { joinedLinear, layerNorm, linear, matrixProduct, perceptron } from './layers.ts';
import { DataType } from './onnx-proto.ts';
import { pastAttention } from './past-attention.ts';
import { quantizeRows } from './quantize.ts';
import { spreadRows } from './rows.ts';

/** How many of a row's best tokens the graph returns. */
export const TOP = 12;

/**
 * Taken from the logit of a token that plain text never holds. It is finite, and small enough to be added back exactly enough,
 * so that rules which do want such tokens (time stamps, symbols) can undo it from the full row.
 */
export const SUPPRESSION = 1000;

/** Columns past the vocabulary get this, which no undoing reaches. */
const NEVER = -1e30;

/** The vocabulary is cut into blocks of so many tokens for the search of the best. */
const BLOCK = 32;

export interface DecoderRules {
  /** Tokens that plain text never holds. */
  readonly suppressed: readonly number[];
}

/**
 * One step of the decoder over rows of many segments at once.
 *
 * A *group* is a segment; a *row* is one new token of a hypothesis of it: a beam, or a token of a prompt. Rows come flat
 * (`N` of them, any number a group), and are spread to `[groups, R]` only where attention needs it. A group's rows share its
 * cross attention and its *cells*: the keys and values of all tokens that its hypotheses still hold. Masks say which cells
 * (`past_mask`) and which rows of this step (`new_mask`) a row may see, so that beams are never copied.
 *
 * Inputs: `tokens`, `positions` [N]; `spread` [groups · R] the row for each place; `gather` [N] the place of each row;
 * `past_mask` [groups, 1, R, P], `new_mask` [groups, 1, R, R], `cross_mask` [groups, 1, 1, A] (0 or -inf-like);
 * `past_key_i`, `past_value_i` [groups, heads, 1, P, 64]; what the encoder gave (`memory-layout.ts`), positions padded to A;
 * `scored` [n] rows to score; `watched` [m] places whose attention is wanted (either may be empty).
 * Outputs: `new_cells` [N, 2 · layers · state], each layer's keys and then its values; `top_tokens`, `top_logprobs` [n, 12];
 * `logits` [n, V padded]; `attention` [m, watched heads, A].
 */
export async function buildDecoder(context: GraphContext, rules: DecoderRules): Promise<void> {
  const { graph, model } = context;
  const { shape } = model;
  const width = shape.textState / shape.textHeads;
  const int64 = (name: string, dim: string): Value => graph.input(name, DataType.int64, [dim]);
  const tokens = int64('tokens', 'N');
  const positions = int64('positions', 'N');
  const scored = int64('scored', 'n');
  const watched = int64('watched', 'm');
  const newMask = graph.input('new_mask', DataType.float, ['G', 1, 'R', 'R']);
  const crossMask = graph.input('cross_mask', DataType.float, ['G', 1, 1, 'A']);
  const rows = spreadRows(graph, newMask, shape.textState, width);
  const past = pastAttention(context, rows, newMask);
  const attentionMaps: Value[] = [];
  const newCells: Value[] = [];

  let x = await embed(context, tokens, positions);
  for (let layer = 0; layer < shape.textLayers; layer++) {
    const block = `decoder.blocks.${layer}`;
    const { attended, cells } = await past.attend(x, layer);
    newCells.push(cells);
    x = attended;

    const crossNormal = await layerNorm(context, x, `${block}.cross_attn_ln`);
    const query = await joinedLinear(context, crossNormal, [
      { name: `${block}.cross_attn.query`, factor: 1 / Math.sqrt(width) },
    ]);
    const { weights: heard, mixed } = attendCross(context, layer, rows.toHeads(query, shape.textHeads), crossMask);
    const followed = model.alignmentHeads.filter(([l]) => l === layer).map(([, head]) => head);
    if (followed.length > 0) attentionMaps.push(watch(graph, heard, followed, watched));
    x = graph.op('Add', [x, await linear(context, rows.fromHeads(mixed), `${block}.cross_attn.out`)]);
    x = await perceptron(context, x, block);
  }
  const made = graph.op('Concat', newCells, { axis: 1 });
  graph.output('new_cells', made, DataType.float, ['N', 2 * shape.textLayers * shape.textState]);
  if (attentionMaps.length > 0) {
    const joined = graph.op('Concat', attentionMaps, { axis: 1 });
    graph.output('attention', joined, DataType.float, ['m', model.alignmentHeads.length, 'A']);
  }
  const last = await layerNorm(context, graph.op('Gather', [x, scored], { axis: 0 }), 'decoder.ln');
  await score(context, last, rules);
}

async function embed(context: GraphContext, tokens: Value, positions: Value): Promise<Value> {
  const { graph, model } = context;
  const table = await model.tensor('decoder.token_embedding.weight');
  const places = await model.tensor('decoder.positional_embedding');
  const [rows = 0, width = 0] = table.dims;
  let embedded: Value;
  if (context.precision === 'int8') {
    const { values, scales } = quantizeRows(table.data, rows, width);
    const lookup = async (name: string, dims: readonly number[], data: Int8Array | Float32Array): Promise<Value> =>
      graph.op('Gather', [await graph.weight(name, dims, data), tokens], { axis: 0 });
    embedded = graph.op('Mul', [
      graph.op('Cast', [await lookup('embedding.int8', [rows, width], values)], { to: DataType.float }),
      await lookup('embedding.scale', [rows, 1], scales),
    ]);
  } else {
    embedded = graph.op('Gather', [await graph.weight('embedding', [rows, width], table.data), tokens], { axis: 0 });
  }
  const placed = await graph.weight('decoder.positional_embedding', places.dims, places.data);
  return graph.op('Add', [embedded, graph.op('Gather', [placed, positions], { axis: 0 })]);
}

/** The attention of the followed heads at the watched places, `[m, followed, A]`; costs nothing when none is watched. */
function watch(graph: GraphBuilder, weights: Value, followed: readonly number[], watched: Value): Value {
  const byPlace = graph.op('Transpose', [graph.op('Gather', [weights, graph.ints(...followed)], { axis: 1 })], {
    perm: [0, 2, 1, 3],
  });
  const shape = graph.op(
    'Concat',
    [graph.ints(-1, followed.length), graph.op('Slice', [graph.op('Shape', [weights]), graph.ints(3), graph.ints(4)])],
    { axis: 0 },
  );
  return graph.op('Gather', [graph.op('Reshape', [byPlace, shape]), watched], { axis: 0 });
}

/** Logits, and the best tokens of each row with their log probabilities, by a search in two stages. */
async function score(context: GraphContext, x: Value, rules: DecoderRules): Promise<void> {
  const { graph, model } = context;
  const { vocabulary, textState } = model.shape;
  const padded = paddedVocabulary(model);
  const table = await model.tensor('decoder.token_embedding.weight');
  const weights = new Float32Array(padded * textState);
  weights.set(table.data);
  const bias = new Float32Array(padded).fill(NEVER, vocabulary);
  for (const token of rules.suppressed) bias[token] = -SUPPRESSION;
  const logits = await matrixProduct(context, x, {
    name: 'vocabulary',
    outputs: padded,
    inputs: textState,
    weights,
    bias,
  });
  graph.output('logits', logits, DataType.float, ['n', padded]);

  const logprobs = graph.op('LogSoftmax', [logits], { axis: -1 });
  const blocks = graph.op('Reshape', [logprobs, graph.ints(-1, padded / BLOCK, BLOCK)]);
  // The best 12 tokens lie in the 12 blocks with the greatest maxima.
  const best = topIndices(graph, graph.op('ReduceMax', [blocks], { axes: [2], keepdims: 0 }));
  const places = graph.op('Reshape', [
    graph.ints(...Array.from({ length: BLOCK }, (_, i) => i)),
    graph.ints(1, 1, BLOCK),
  ]);
  const starts = graph.op('Unsqueeze', [graph.op('Mul', [best, graph.int(BLOCK)]), graph.ints(2)]);
  const candidates = graph.op('Reshape', [graph.op('Add', [starts, places]), graph.ints(-1, BLOCK * TOP)]);
  const values = graph.op('GatherElements', [logprobs, candidates], { axis: 1 });
  const ranks = topIndices(graph, values);
  graph.output('top_logprobs', graph.op('GatherElements', [values, ranks], { axis: 1 }), DataType.float, ['n', TOP]);
  graph.output('top_tokens', graph.op('GatherElements', [candidates, ranks], { axis: 1 }), DataType.int64, ['n', TOP]);
}

function topIndices(graph: GraphBuilder, values: Value): Value {
  return graph.many(2, 'TopK', [values, graph.ints(TOP)], { axis: -1 })[1] ?? '';
}

/** The vocabulary rounded up to whole blocks: the width of `logits`. */
export const paddedVocabulary = (model: WhisperModel): number => Math.ceil(model.shape.vocabulary / BLOCK) * BLOCK;
