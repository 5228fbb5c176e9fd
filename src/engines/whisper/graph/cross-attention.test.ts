import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { madeShape } from '../testing/made-model.ts';
import { seededGauss } from '../testing/random.ts';
import { attendCross, keepCross, type CrossContext } from './cross-attention.ts';
import { GraphBuilder } from './graph-builder.ts';
import { DataType, encodeModel } from './onnx-proto.ts';

const shape = madeShape({ state: 128, heads: 2 });
const HEADS = 2;
const WIDTH = 64;
const STATE = HEADS * WIDTH;
const HIDDEN = -1e9;

type Precision = CrossContext['precision'];
type Tensors = Readonly<Record<string, ort.Tensor>>;

async function open(build: (graph: GraphBuilder) => void): Promise<(inputs: Tensors) => Promise<Tensors>> {
  const graph = new GraphBuilder({ append: () => Promise.reject(new Error('all is small')) });
  build(graph);
  const session = await ort.InferenceSession.create(encodeModel(graph.parts()), { graphOptimizationLevel: 'all' });
  return async (inputs) => session.run(inputs);
}

/** The encoder's end. */
const opensKeep = (precision: Precision): ReturnType<typeof open> =>
  open((graph) => {
    const key = graph.input('key', DataType.float, ['positions', STATE]);
    const value = graph.input('value', DataType.float, ['positions', STATE]);
    keepCross({ graph, precision, model: { shape } }, 0, key, value);
  });

/** The decoder's side. */
const opensAttend = (precision: Precision): ReturnType<typeof open> =>
  open((graph) => {
    const query = graph.input('query', DataType.float, ['G', HEADS, 'R', WIDTH]);
    const mask = graph.input('mask', DataType.float, ['G', 1, 1, 'A']);
    const heard = attendCross({ graph, precision, model: { shape } }, 0, query, mask);
    graph.output('weights', heard.weights, DataType.float, ['G', HEADS, 'R', 'A']);
    graph.output('mixed', heard.mixed, DataType.float, ['G', HEADS, 'R', WIDTH]);
  });

interface Made {
  readonly query: Float32Array;
  readonly key: Float32Array;
  readonly value: Float32Array;
}

/** Keys far from zero, of dimensions that differ by ten times, and queries that fall on a few of the positions. */
function made(seed: number, rows: number, positions: number): Made {
  const gauss = seededGauss(seed);
  const spread = Float32Array.from({ length: STATE }, () => 0.3 * 10 ** (gauss() / 3));
  const middle = Float32Array.from({ length: STATE }, () => 4 * gauss());
  const fill = (length: number, of: (i: number) => number): Float32Array =>
    Float32Array.from({ length }, (_, i) => of(i));
  return {
    query: fill(HEADS * rows * WIDTH, () => 0.3 * gauss()),
    key: fill(positions * STATE, (i) => (middle[i % STATE] ?? 0) + (spread[i % STATE] ?? 0) * gauss()),
    value: fill(positions * STATE, () => gauss()),
  };
}

const floats = (tensor: ort.Tensor | undefined): Float32Array =>
  tensor?.data instanceof Float32Array ? tensor.data : new Float32Array(0);

/** @param seen positions that are not hidden; keys behind them are whatever is there. */
async function hear(
  precision: Precision,
  { query, key, value }: Made,
  seen: number,
): Promise<{ readonly weights: Float32Array; readonly mixed: Float32Array }> {
  const positions = key.length / STATE;
  const rows = query.length / STATE;
  const keep = await opensKeep(precision);
  const attend = await opensAttend(precision);
  const of = (data: Float32Array): ort.Tensor => new ort.Tensor('float32', data, [positions, STATE]);
  const kept = await keep({ key: of(key), value: of(value) });
  const grouped = Object.fromEntries(
    Object.entries(kept).map(([name, tensor]) => [name, tensor.reshape([1, ...tensor.dims])]),
  );
  const mask = Float32Array.from({ length: positions }, (_, at) => (at < seen ? 0 : HIDDEN));
  const heard = await attend({
    ...grouped,
    query: new ort.Tensor('float32', query, [1, HEADS, rows, WIDTH]),
    mask: new ort.Tensor('float32', mask, [1, 1, 1, positions]),
  });
  return { weights: floats(heard['weights']), mixed: floats(heard['mixed']) };
}

function signalToNoise(exact: Float32Array, found: Float32Array): number {
  const noise = exact.reduce((sum, value, i) => sum + (value - (found[i] ?? NaN)) ** 2, 0);
  return 10 * Math.log10(exact.reduce((sum, value) => sum + value * value, 0) / noise);
}

describe('cross attention in int8', () => {
  test.each([1, 2, 5, 40])(
    'hears of %i rows what float32 hears, up to a three-hundredth of its power',
    async (rows) => {
      const all = made(rows, rows, 300);
      const exact = await hear('f32', all, 280);
      const found = await hear('int8', all, 280);
      expect(signalToNoise(exact.mixed, found.mixed)).toBeGreaterThan(25);
      expect(signalToNoise(exact.weights, found.weights)).toBeGreaterThan(25);
    },
  );

  test('gives hidden positions nothing, however small the query', async () => {
    const all = made(3, 4, 200);
    for (const strength of [1, 1e-2, 1e-4, 0]) {
      const { weights } = await hear('int8', { ...all, query: all.query.map((value) => value * strength) }, 150);
      for (let row = 0; row < HEADS * 4; row++) {
        const of = weights.subarray(row * 200, (row + 1) * 200);
        expect(of.subarray(150).every((weight) => weight === 0)).toBe(true);
        expect(of.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 4);
      }
    }
  });

  test('gives a row the same whatever rows are beside it', async () => {
    const all = made(7, 5, 256);
    const together = await hear('int8', all, 256);
    for (let row = 0; row < 5; row++) {
      const query = Float32Array.from({ length: STATE }, (_, i) => {
        const head = Math.floor(i / WIDTH);
        return all.query[(head * 5 + row) * WIDTH + (i % WIDTH)] ?? 0;
      });
      const alone = await hear('int8', { ...all, query }, 256);
      for (let head = 0; head < HEADS; head++) {
        const at = (head * 5 + row) * WIDTH;
        expect(alone.mixed.subarray(head * WIDTH, (head + 1) * WIDTH)).toEqual(together.mixed.subarray(at, at + WIDTH));
      }
    }
  });
});
