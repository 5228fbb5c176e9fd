import type { GraphBuilder, Value } from './graph-builder.ts';
import { DataType } from './onnx-proto.ts';

/** Rows come flat, any number a group; attention wants as many places for each group. */
export interface Rows {
  /** `[N, heads · width]` to `[groups, heads, R, width]`. */
  toHeads(rows: Value, heads: number): Value;
  /** `[groups, heads, R, width]` to `[N, heads · width]`. */
  fromHeads(mixed: Value): Value;
}

/**
 * Makes the inputs `spread` [groups · R], the row for each place, and `gather` [N], the place of each row.
 *
 * @param newMask `[groups, 1, R, R]`, which tells how many groups and places there are. @param state heads · width of what is mixed.
 */
export function spreadRows(graph: GraphBuilder, newMask: Value, state: number, width: number): Rows {
  const spread = graph.input('spread', DataType.int64, ['GR']);
  const gather = graph.input('gather', DataType.int64, ['N']);
  const shape = graph.op('Shape', [newMask]);
  const groups = graph.op('Slice', [shape, graph.ints(0), graph.ints(1)]);
  const places = graph.op('Slice', [shape, graph.ints(2), graph.ints(3)]);
  const shapes = new Map<number, Value>();
  const shapeOf = (heads: number): Value => {
    const made = shapes.get(heads) ?? graph.op('Concat', [groups, places, graph.ints(heads, width)], { axis: 0 });
    shapes.set(heads, made);
    return made;
  };
  return {
    toHeads(rows, heads) {
      const each = shapeOf(heads);
      return graph.op('Transpose', [graph.op('Reshape', [graph.op('Gather', [rows, spread], { axis: 0 }), each])], {
        perm: [0, 2, 1, 3],
      });
    },
    fromHeads(mixed) {
      const flat = graph.op('Reshape', [graph.op('Transpose', [mixed], { perm: [0, 2, 1, 3] }), graph.ints(-1, state)]);
      return graph.op('Gather', [flat, gather], { axis: 0 });
    },
  };
}
