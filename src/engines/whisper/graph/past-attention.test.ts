import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { madeShape } from '../testing/made-model.ts';
import { seededGauss } from '../testing/random.ts';
import { GraphBuilder } from './graph-builder.ts';
import type { LayerContext, Precision } from './layers.ts';
import { DataType, encodeModel } from './onnx-proto.ts';
import { pastAttention } from './past-attention.ts';
import { spreadRows } from './rows.ts';

const HEADS = 2;
const WIDTH = 8;
const STATE = HEADS * WIDTH;
const CELLS = 5;
const HIDDEN = -1e9;
const BLOCK = 'decoder.blocks.0';

/** Rows of two groups, flat: which cells of its group and which rows of this step each may see. */
const ROWS = [
  { group: 0, place: 0, cells: [0, 1, 2], sees: [0] },
  { group: 0, place: 1, cells: [0, 3], sees: [0, 1] },
  { group: 1, place: 0, cells: [], sees: [2] },
];
const PLACES = 2;
const GROUPS = 2;

type Weights = ReadonlyMap<string, { readonly dims: readonly number[]; readonly data: Float32Array }>;

/** As OpenAI's: no bias for keys. */
function madeWeights(seed: number): Weights {
  const gauss = seededGauss(seed);
  const fill = (dims: readonly number[], spread: number, middle = 0) => ({
    dims,
    data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => middle + spread * gauss()),
  });
  const weights = new Map([
    [`${BLOCK}.attn_ln.weight`, fill([STATE], 0.2, 1)],
    [`${BLOCK}.attn_ln.bias`, fill([STATE], 0.2)],
  ]);
  for (const name of ['query', 'key', 'value', 'out']) {
    weights.set(`${BLOCK}.attn.${name}.weight`, fill([STATE, STATE], 0.5));
    if (name !== 'key') weights.set(`${BLOCK}.attn.${name}.bias`, fill([STATE], 0.3));
  }
  return weights;
}

async function openGraph(weights: Weights, precision: Precision): Promise<ort.InferenceSession> {
  const graph = new GraphBuilder({ append: () => Promise.reject(new Error('all is small')) });
  const context: LayerContext = {
    graph,
    precision,
    report: [],
    mixedRows: true,
    model: {
      shape: madeShape({ state: STATE, heads: HEADS }),
      tensorNames: [...weights.keys()],
      tensor: async (name) => weights.get(name) ?? { dims: [], data: new Float32Array(0) },
    },
  };
  const x = graph.input('x', DataType.float, ['N', STATE]);
  const newMask = graph.input('new_mask', DataType.float, ['G', 1, 'R', 'R']);
  const past = pastAttention(context, spreadRows(graph, newMask, STATE, WIDTH), newMask);
  const { attended, cells } = await past.attend(x, 0);
  graph.output('attended', attended, DataType.float, ['N', STATE]);
  graph.output('cells', cells, DataType.float, ['N', 2 * STATE]);
  return ort.InferenceSession.create(encodeModel(graph.parts()));
}

interface Given {
  readonly x: Float32Array;
  /** `[groups, heads, cells, width]` */
  readonly keys: Float32Array;
  readonly values: Float32Array;
}

function made(seed: number): Given {
  const gauss = seededGauss(seed);
  const fill = (length: number): Float32Array => Float32Array.from({ length }, () => gauss());
  const size = GROUPS * HEADS * CELLS * WIDTH;
  return { x: fill(ROWS.length * STATE), keys: fill(size), values: fill(size) };
}

async function run(session: ort.InferenceSession, { x, keys, values }: Given) {
  const pastMask = new Float32Array(GROUPS * PLACES * CELLS).fill(HIDDEN);
  const newMask = new Float32Array(GROUPS * PLACES * PLACES).fill(HIDDEN);
  const spread = new BigInt64Array(GROUPS * PLACES);
  const gather = new BigInt64Array(ROWS.length);
  ROWS.forEach(({ group, place, cells, sees }, row) => {
    const at = group * PLACES + place;
    spread[at] = BigInt(row);
    gather[row] = BigInt(at);
    for (const cell of cells) pastMask[at * CELLS + cell] = 0;
    for (const other of sees) newMask[at * PLACES + (ROWS[other]?.place ?? 0)] = 0;
  });
  const float = (data: Float32Array, ...dims: number[]): ort.Tensor => new ort.Tensor('float32', data, dims);
  const { attended, cells } = await session.run({
    x: float(x, ROWS.length, STATE),
    spread: new ort.Tensor('int64', spread, [spread.length]),
    gather: new ort.Tensor('int64', gather, [gather.length]),
    past_mask: float(pastMask, GROUPS, 1, PLACES, CELLS),
    new_mask: float(newMask, GROUPS, 1, PLACES, PLACES),
    past_key_0: float(keys, GROUPS, HEADS, 1, CELLS, WIDTH),
    past_value_0: float(values, GROUPS, HEADS, 1, CELLS, WIDTH),
  });
  const data = (tensor: ort.Tensor | undefined): number[] =>
    tensor?.data instanceof Float32Array ? [...tensor.data] : [];
  return { attended: data(attended), cells: data(cells) };
}

/** The same, a row and a head at a time, as the paper has it. */
function byHand(weights: Weights, { x, keys, values }: Given) {
  const of = (name: string): Float32Array => weights.get(`${BLOCK}.${name}`)?.data ?? new Float32Array(STATE);
  const times = (name: string, input: readonly number[]): number[] =>
    Array.from({ length: STATE }, (_, o) =>
      input.reduce(
        (sum, value, i) => sum + value * (of(`attn.${name}.weight`)[o * STATE + i] ?? 0),
        of(`attn.${name}.bias`)[o] ?? 0,
      ),
    );
  const normal = ROWS.map((_, row) => {
    const own = [...x.subarray(row * STATE, (row + 1) * STATE)];
    const mean = own.reduce((a, b) => a + b, 0) / STATE;
    const deviation = Math.sqrt(own.reduce((a, b) => a + (b - mean) ** 2, 0) / STATE + 1e-5);
    return own.map(
      (value, i) => ((value - mean) / deviation) * (of('attn_ln.weight')[i] ?? 0) + (of('attn_ln.bias')[i] ?? 0),
    );
  });
  const [queries, newKeys, newValues] = ['query', 'key', 'value'].map((name) => normal.map((row) => times(name, row)));
  const attended = ROWS.flatMap(({ group, cells, sees }, row) => {
    const mixed = Array.from({ length: HEADS }, (_, head) => {
      const part = (heads: readonly number[] | undefined): number[] =>
        (heads ?? []).slice(head * WIDTH, (head + 1) * WIDTH);
      const cell = (memory: Float32Array, at: number): number[] => {
        const from = ((group * HEADS + head) * CELLS + at) * WIDTH;
        return [...memory.subarray(from, from + WIDTH)];
      };
      const seen = [
        ...cells.map((at) => ({ key: cell(keys, at), value: cell(values, at) })),
        ...sees.map((other) => ({ key: part(newKeys?.[other]), value: part(newValues?.[other]) })),
      ];
      const query = part(queries?.[row]);
      const scores = seen.map(({ key }) =>
        Math.exp(query.reduce((s, q, i) => s + q * (key[i] ?? 0), 0) / Math.sqrt(WIDTH)),
      );
      const total = scores.reduce((a, b) => a + b, 0);
      return Array.from({ length: WIDTH }, (__, i) =>
        seen.reduce((sum, { value }, at) => sum + ((scores[at] ?? 0) / total) * (value[i] ?? 0), 0),
      );
    }).flat();
    return times('out', mixed).map((value, i) => value + (x[row * STATE + i] ?? 0));
  });
  return { attended, cells: ROWS.flatMap((_, row) => [...(newKeys?.[row] ?? []), ...(newValues?.[row] ?? [])]) };
}

const furthest = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? Number.NaN))));

test.each([1, 2, 3])('rows see what they may of their group, and nothing else (%i)', async (seed) => {
  const weights = madeWeights(seed);
  const given = made(seed + 100);
  const found = await run(await openGraph(weights, 'f32'), given);
  const exact = byHand(weights, given);
  expect(found.attended).toHaveLength(ROWS.length * STATE);
  expect(furthest(exact.attended, found.attended)).toBeLessThan(1e-4);
  expect(furthest(exact.cells, found.cells)).toBeLessThan(1e-4);
});

test('in int8 too, nearly, and a row of another group changes nothing', async () => {
  const weights = madeWeights(4);
  const given = made(5);
  const session = await openGraph(weights, 'int8');
  const found = await run(session, given);
  const exact = byHand(weights, given);
  const loudest = Math.max(...exact.attended.map(Math.abs));
  expect(furthest(exact.attended, found.attended) / loudest).toBeLessThan(0.05);

  const louder = { ...given, x: given.x.map((value, i) => (i >= 2 * STATE ? value * 50 : value)) };
  const beside = await run(session, louder);
  expect(beside.attended.slice(0, 2 * STATE)).toEqual(found.attended.slice(0, 2 * STATE));
});
