/**
 * How a step's rows attend to the tokens before them: to the cells of their group, as they were handed in, and to each other.
 * Neither is copied to the other: scores of both stand side by side, and what is mixed by them is added up.
 *
 * Each row by itself, as a matrix of one row: several are multiplied by another routine, which rounds otherwise, and then a text
 * would depend on how many rows others have in the same step.
 */
import type { Value } from './graph-builder.ts';
import type { LayerContext } from './layers.ts';
import { joinedLinear, layerNorm, linear } from './layers.ts';
import { DataType } from './onnx-proto.ts';
import type { Rows } from './rows.ts';

/** What all layers have in common. */
export interface PastAttention {
  /** A layer's attention and its residual, and the keys and values of the new tokens `[N, 2 · state]`. */
  attend(x: Value, layer: number): Promise<{ readonly attended: Value; readonly cells: Value }>;
}

/** The axis of one that a row has to itself, behind `[groups, heads, R]`. */
const ROW_AXIS = 3;
/** That of what all rows attend to, before `[R, width]`. */
const SHARED_AXIS = 2;

/** The routine for a factor of 1 rounds by how many keys there are, where they are few; this one never does, for past keys and new. */
const ALMOST_ONE = 1 + 2 ** -23;

/** Makes the inputs that all layers share: `past_mask` `[groups, 1, R, P]` and `new_mask` `[groups, 1, R, R]`. */
export function pastAttention(context: LayerContext, rows: Rows, newMask: Value): PastAttention {
  const { graph, model } = context;
  const { textHeads: heads, textState: state } = model.shape;
  const width = state / heads;
  const pastMask = graph.input('past_mask', DataType.float, ['G', 1, 'R', 'P']);
  const lengthOf = (mask: Value): Value => graph.op('Slice', [graph.op('Shape', [mask]), graph.ints(3), graph.ints(4)]);
  const lengths = graph.op('Concat', [lengthOf(pastMask), lengthOf(newMask)], { axis: 0 });
  const byItself = (perRow: Value): Value => graph.op('Unsqueeze', [perRow, graph.ints(ROW_AXIS)]);
  const shared = (perRow: Value): Value => graph.op('Unsqueeze', [perRow, graph.ints(SHARED_AXIS)]);
  const mask = byItself(graph.op('Concat', [pastMask, newMask], { axis: 3 }));
  const cache = (name: string): Value => graph.input(name, DataType.float, ['G', heads, 1, 'P', width]);
  const scores = (query: Value, key: Value): Value =>
    graph.fused('FusedMatMul', [query, key], { transB: 1, alpha: { float: ALMOST_ONE } });
  return {
    async attend(x, layer) {
      const block = `decoder.blocks.${layer}`;
      const normal = await layerNorm(context, x, `${block}.attn_ln`);
      const made = await joinedLinear(context, normal, [
        { name: `${block}.attn.query`, factor: 1 / Math.sqrt(width) },
        { name: `${block}.attn.key` },
        { name: `${block}.attn.value` },
      ]);
      const [queries = '', keys = '', values = ''] = graph.many(
        3,
        'Split',
        [rows.toHeads(made, 3 * heads), graph.ints(heads, heads, heads)],
        { axis: 1 },
      );
      const [query, key, value] = [byItself(queries), shared(keys), shared(values)];
      const [pastKey, pastValue] = [cache(`past_key_${layer}`), cache(`past_value_${layer}`)];
      const both = graph.op('Concat', [scores(query, pastKey), scores(query, key)], { axis: 4 });
      const weights = graph.op('Softmax', [graph.op('Add', [both, mask])], { axis: -1 });
      const [pastWeights = '', newWeights = ''] = graph.many(2, 'Split', [weights, lengths], { axis: 4 });
      const mixed = graph.op('Add', [
        graph.op('MatMul', [pastWeights, pastValue]),
        graph.op('MatMul', [newWeights, value]),
      ]);
      const together = graph.op('Squeeze', [mixed, graph.ints(ROW_AXIS)]);
      return {
        attended: graph.op('Add', [x, await linear(context, rows.fromHeads(together), `${block}.attn.out`)]),
        cells: graph.op('Slice', [made, graph.ints(state), graph.ints(3 * state), graph.ints(1)]),
      };
    },
  };
}
