/**
 * Per-channel symmetric int8 weights that no CPU saturates on.
 *
 * Without VNNI, x86 multiplies uint8 activations by int8 weights with `vpmaddubsw`, which adds two neighbouring products in
 * 16 bits and clips. 255 · (a + b) fits while a + b <= 128, so each channel's scale is chosen such that no pair of
 * neighbours along the input exceeds that: about a third of a bit is lost instead of the whole one that 7-bit weights cost.
 */

export interface QuantizedMatrix {
  /** int8, `[input, output]`, as MatMulInteger wants it. */
  readonly values: Int8Array;
  /** One scale an output channel. */
  readonly scales: Float32Array;
  /** Signal to quantisation noise over the whole matrix, in dB; of several side by side, that of the worst. */
  readonly signalToNoise: number;
}

/** Rounding may lift each of two neighbours by a half, and 128 is the most that their sum may be. */
const PAIR_LIMIT = 127;
const VALUE_LIMIT = 127;

/** The smallest scale under which neither a value nor a pair of neighbours of this row exceeds its limit. */
function scaleOf(weights: Float32Array, start: number, inputs: number): number {
  let largest = 0;
  for (let i = 0; i < inputs; i += 2) {
    const a = weights[start + i] ?? 0;
    const b = i + 1 < inputs ? (weights[start + i + 1] ?? 0) : 0;
    const value = Math.max(Math.abs(a), Math.abs(b)) / VALUE_LIMIT;
    const positive = (Math.max(a, 0) + Math.max(b, 0)) / PAIR_LIMIT;
    const negative = (Math.max(-a, 0) + Math.max(-b, 0)) / PAIR_LIMIT;
    largest = Math.max(largest, value, positive, negative);
  }
  return largest === 0 ? 1 : largest;
}

/**
 * @param weights f32, `[outputs, inputs]` row-major, as PyTorch keeps a linear layer.
 * @param parts how many matrices of as many outputs they are: the signal to noise is that of the worst.
 */
export function quantizeMatrix(weights: Float32Array, outputs: number, inputs: number, parts = 1): QuantizedMatrix {
  const values = new Int8Array(inputs * outputs);
  const scales = new Float32Array(outputs);
  const each = outputs / parts;
  let worst = Infinity;
  for (let first = 0; first < outputs; first += each) {
    let signal = 0;
    let noise = 0;
    for (let o = first; o < first + each; o++) {
      const start = o * inputs;
      const scale = scaleOf(weights, start, inputs);
      scales[o] = scale;
      for (let i = 0; i < inputs; i++) {
        const weight = weights[start + i] ?? 0;
        const value = Math.round(weight / scale);
        values[i * outputs + o] = value;
        signal += weight * weight;
        noise += (weight - value * scale) ** 2;
      }
    }
    if (noise > 0) worst = Math.min(worst, 10 * Math.log10(signal / noise));
  }
  return { values, scales, signalToNoise: worst };
}

/** Per-row symmetric int8 of a table that is only looked up, so that no product can saturate. */
export function quantizeRows(
  table: Float32Array,
  rows: number,
  width: number,
): { readonly values: Int8Array; readonly scales: Float32Array } {
  const values = new Int8Array(rows * width);
  const scales = new Float32Array(rows);
  for (let r = 0; r < rows; r++) {
    let largest = 0;
    for (let i = 0; i < width; i++) largest = Math.max(largest, Math.abs(table[r * width + i] ?? 0));
    const scale = largest === 0 ? 1 : largest / VALUE_LIMIT;
    scales[r] = scale;
    for (let i = 0; i < width; i++) values[r * width + i] = Math.round((table[r * width + i] ?? 0) / scale);
  }
  return { values, scales };
}

/** `[rows, columns]` to `[columns, rows]`. */
export function transpose(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(matrix.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) result[c * rows + r] = matrix[r * columns + c] ?? 0;
  }
  return result;
}
