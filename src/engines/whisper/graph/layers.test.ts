import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { seededGauss } from '../testing/random.ts';
import { madeShape } from '../testing/made-model.ts';
import { GraphBuilder } from './graph-builder.ts';
import type { LayerContext } from './layers.ts';
import { matrixProduct } from './layers.ts';
import { DataType, encodeModel } from './onnx-proto.ts';

const INPUTS = 16;
const OUTPUTS = 8;

/** A matrix and its bias, over rows of different segments. */
async function openProduct(weights: Float32Array, bias: Float32Array): Promise<ort.InferenceSession> {
  const graph = new GraphBuilder({ append: () => Promise.reject(new Error('all is small')) });
  const model = {
    shape: madeShape({ state: INPUTS, heads: 2 }),
    tensorNames: [],
    tensor: () => Promise.reject(new Error('no matrix is read')),
  };
  const context: LayerContext = { graph, model, precision: 'int8', report: [], mixedRows: true };
  const x = graph.input('x', DataType.float, ['N', INPUTS]);
  const product = await matrixProduct(context, x, {
    name: 'matrix',
    outputs: OUTPUTS,
    inputs: INPUTS,
    weights,
    bias,
  });
  graph.output('y', product, DataType.float, ['N', OUTPUTS]);
  return ort.InferenceSession.create(encodeModel(graph.parts()));
}

async function run(session: ort.InferenceSession, rows: readonly Float32Array[]): Promise<readonly number[][]> {
  const x = Float32Array.from(rows.flatMap((row) => [...row]));
  const { y } = await session.run({ x: new ort.Tensor('float32', x, [rows.length, INPUTS]) });
  const values = y?.data instanceof Float32Array ? y.data : new Float32Array(0);
  return rows.map((_, row) => [...values.subarray(row * OUTPUTS, (row + 1) * OUTPUTS)]);
}

test('a row of an int8 product is its own matter, and a row of zeros gives the bias', async () => {
  const gauss = seededGauss(7);
  const fill = (length: number, by = 1): Float32Array => Float32Array.from({ length }, () => by * gauss());
  const [weights, bias] = [fill(OUTPUTS * INPUTS), fill(OUTPUTS)];
  const session = await openProduct(weights, bias);
  const rows = [fill(INPUTS), new Float32Array(INPUTS), fill(INPUTS, 1000), fill(INPUTS, 1e-6)];
  const together = await run(session, rows);
  expect(together[1]).toEqual([...bias]);
  for (const [index, row] of rows.entries()) {
    const [alone] = await run(session, [row]);
    expect(alone).toEqual(together[index]);
    const largest = Math.max(...row.map(Math.abs));
    together[index]?.forEach((value, o) => {
      const exact = row.reduce((sum, x, i) => sum + x * (weights[o * INPUTS + i] ?? 0), bias[o] ?? 0);
      // Half a step of each factor, at most, for each of the inputs.
      expect(Math.abs(value - exact)).toBeLessThanOrEqual(largest * INPUTS * 0.03 + 1e-6);
    });
  }
});
