import * as fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { GraphBuilder } from './graph-builder.ts';
import { DataType, encodeModel } from './onnx-proto.ts';
import { quantizeMatrix, quantizeRows, transpose } from './quantize.ts';

const weight = fc.oneof(
  // Steps of subnormal size are no step at all, and no weight is as small.
  fc.float({ min: -4, max: 4, noNaN: true }).map((value) => (Math.abs(value) < 1e-6 ? 0 : value)),
  fc.constantFrom(0, 1, -1, 0.5, -0.5, 127 / 128, -127 / 128),
);
const matrix = fc
  .record({ outputs: fc.integer({ min: 1, max: 6 }), inputs: fc.integer({ min: 1, max: 33 }) })
  .chain((shape) =>
    fc.record({
      outputs: fc.constant(shape.outputs),
      inputs: fc.constant(shape.inputs),
      weights: fc
        .array(weight, { minLength: shape.outputs * shape.inputs, maxLength: shape.outputs * shape.inputs })
        .map((values) => Float32Array.from(values)),
    }),
  );

/** Runs the product that the graphs use, scales of 1, on raw bytes. */
async function integerProduct(
  activations: Uint8Array,
  values: Int8Array,
  inputs: number,
  outputs: number,
): Promise<Float32Array> {
  const graph = new GraphBuilder({ append: () => Promise.reject(new Error('all is small')) });
  const a = graph.input('a', DataType.uint8, ['rows', inputs]);
  const zero = await graph.weight('zero', [], Uint8Array.of(0));
  const operands = [
    a,
    await graph.weight('b', [inputs, outputs], values),
    graph.float(1),
    await graph.weight('b.scale', [outputs], new Float32Array(outputs).fill(1)),
    zero,
  ];
  graph.output('product', graph.fused('MatMulIntegerToFloat', operands), DataType.float, ['rows', outputs]);
  const session = await ort.InferenceSession.create(encodeModel(graph.parts()), { graphOptimizationLevel: 'all' });
  try {
    const rows = activations.length / inputs;
    const { product } = await session.run({ a: new ort.Tensor('uint8', activations, [rows, inputs]) });
    return product?.data instanceof Float32Array ? product.data.slice() : new Float32Array(0);
  } finally {
    await session.release();
  }
}

describe('quantizeMatrix', () => {
  test('never lets a pair of neighbours overflow 16 bits, whatever the activations', () => {
    fc.assert(
      fc.property(matrix, ({ outputs, inputs, weights }) => {
        const { values } = quantizeMatrix(weights, outputs, inputs);
        for (let o = 0; o < outputs; o++) {
          for (let i = 0; i < inputs; i += 2) {
            const a = values[i * outputs + o] ?? 0;
            const b = i + 1 < inputs ? (values[(i + 1) * outputs + o] ?? 0) : 0;
            expect(255 * (Math.max(a, 0) + Math.max(b, 0))).toBeLessThanOrEqual(32_767);
            expect(255 * (Math.min(a, 0) + Math.min(b, 0))).toBeGreaterThanOrEqual(-32_768);
          }
        }
      }),
    );
  });

  test('loses at most half a step of its channel, and no step is coarser than twice the plain one', () => {
    fc.assert(
      fc.property(matrix, ({ outputs, inputs, weights }) => {
        const { values, scales } = quantizeMatrix(weights, outputs, inputs);
        for (let o = 0; o < outputs; o++) {
          const row = weights.subarray(o * inputs, (o + 1) * inputs);
          const scale = scales[o] ?? NaN;
          const largest = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
          expect(scale).toBeLessThanOrEqual(largest === 0 ? 1 : ((2 * largest) / 127) * 1.0001);
          row.forEach((value, i) => {
            expect(Math.abs(value - (values[i * outputs + o] ?? NaN) * scale)).toBeLessThanOrEqual(scale * 0.5001);
          });
        }
      }),
    );
  });

  test('gives back whole numbers of its step without loss, and says so', () => {
    const { values, scales, signalToNoise } = quantizeMatrix(Float32Array.of(127, 0, -127, 0, 64, 63), 3, 2);
    expect([...values]).toEqual([127, -127, 64, 0, 0, 63]);
    expect([...scales]).toEqual([1, 1, 1]);
    expect(signalToNoise).toBe(Infinity);
  });

  test('tells how much noise it makes', () => {
    // Step 1, an error of 0.25 on a weight of 63.25 beside an exact one.
    const { signalToNoise } = quantizeMatrix(Float32Array.of(127, 0, 63.25, 0), 1, 4);
    expect(signalToNoise).toBeCloseTo(10 * Math.log10((127 ** 2 + 63.25 ** 2) / 0.25 ** 2), 3);
  });

  test('tells of several matrices how noisy the worst is', () => {
    const [exact, noisy] = [
      [127, 0, 64, 0],
      [127, 0, 63.25, 0],
    ];
    const together = quantizeMatrix(Float32Array.of(...exact, ...noisy), 2, 4, 2);
    expect(together.signalToNoise).toBe(quantizeMatrix(Float32Array.of(...noisy), 1, 4).signalToNoise);
    expect(together.signalToNoise).toBeLessThan(
      quantizeMatrix(Float32Array.of(...exact, ...noisy), 2, 4).signalToNoise,
    );
  });
});

test('this machine multiplies such weights exactly, at the worst activations', async () => {
  const [outputs, inputs, rows] = [12, 256, 5];
  // The largest same-signed pairs, alternating signs, one-sided and random rows.
  const weights = Float32Array.from({ length: outputs * inputs }, (_, at) => {
    const [o, i] = [Math.floor(at / inputs), at % inputs];
    if (o < 3) return [1, -1, i % 2 === 0 ? 1 : -1][o] ?? 0;
    if (o < 6) return i % 2 === o % 2 ? 1 : 0.001;
    return Math.sin(at * 12.9898) * (o % 2 === 0 ? 1 : Math.sin(at));
  });
  const { values } = quantizeMatrix(weights, outputs, inputs);
  const activations = Uint8Array.from({ length: rows * inputs }, (_, at) => {
    const [row, i] = [Math.floor(at / inputs), at % inputs];
    return [255, i % 2 === 0 ? 255 : 0, i % 2 === 0 ? 255 : 254, 128, (at * 97) % 256][row] ?? 0;
  });
  const expected = Array.from({ length: rows * outputs }, (_, at) => {
    const [row, o] = [Math.floor(at / outputs), at % outputs];
    let sum = 0;
    for (let i = 0; i < inputs; i++) sum += (activations[row * inputs + i] ?? 0) * (values[i * outputs + o] ?? 0);
    return sum;
  });
  expect([...(await integerProduct(activations, values, inputs, outputs))]).toEqual(expected);
});

test('quantizeRows gives each row back to half a step of its largest value', () => {
  fc.assert(
    fc.property(matrix, ({ outputs: rows, inputs: width, weights }) => {
      const { values, scales } = quantizeRows(weights, rows, width);
      weights.forEach((value, at) => {
        const scale = scales[Math.floor(at / width)] ?? NaN;
        expect(Math.abs(value - (values[at] ?? NaN) * scale)).toBeLessThanOrEqual(scale * 0.5001);
      });
    }),
  );
});

test('transpose twice is the same matrix', () => {
  fc.assert(
    fc.property(matrix, ({ outputs, inputs, weights }) => {
      const once = transpose(weights, outputs, inputs);
      expect(once[inputs > 1 ? outputs : 0]).toBe(weights[inputs > 1 ? 1 : 0]);
      expect(transpose(once, inputs, outputs)).toEqual(weights);
    }),
  );
});
