import type { Attribute, Dimension, GraphParts, Initializer, Node, ValueInfo } from './onnx-proto.ts';
import { DataType } from './onnx-proto.ts';

/** The name of a tensor in a graph. */
export type Value = string;

/** Takes big initializers as they come, so that a model is never whole in memory. */
export interface WeightSink {
  /** Appends `bytes`; resolves with where they stand. */
  append(bytes: Uint8Array): Promise<{ readonly file: string; readonly offset: number; readonly length: number }>;
}

type TypedData = Float32Array | Int8Array | Uint8Array | BigInt64Array;

/** Under this a tensor stays in the model file, where the optimizer can fold it. */
const INLINE_BYTES = 4096;

const typeOf = (data: TypedData): DataType => {
  if (data instanceof Float32Array) return DataType.float;
  if (data instanceof Int8Array) return DataType.int8;
  if (data instanceof BigInt64Array) return DataType.int64;
  return DataType.uint8;
};

/** Collects nodes and initializers in order; every operator call names and returns its outputs. */
export class GraphBuilder {
  readonly #nodes: Node[] = [];
  readonly #initializers: Initializer[] = [];
  readonly #inputs: ValueInfo[] = [];
  readonly #outputs: ValueInfo[] = [];
  /** Values that are outputs, and what they are called outside. */
  readonly #names = new Map<Value, string>();
  readonly #constants = new Map<string, Value>();
  readonly #weights: WeightSink;
  readonly #rowQuantized = new Map<string, readonly [Value, Value]>();
  #count = 0;

  constructor(weights: WeightSink) {
    this.#weights = weights;
  }

  input(name: string, type: DataType, dims: readonly Dimension[]): Value {
    this.#inputs.push({ name, type, dims });
    return name;
  }

  /** Names `value` as an output of the graph. */
  output(name: string, value: Value, type: DataType, dims: readonly Dimension[]): void {
    this.#names.set(value, name);
    this.#outputs.push({ name, type, dims });
  }

  /** A tensor of the model: written out at once and forgotten. */
  async weight(name: string, dims: readonly number[], data: TypedData): Promise<Value> {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#initializers.push({
      name,
      type: typeOf(data),
      dims,
      data:
        bytes.length < INLINE_BYTES
          ? { kind: 'inline', bytes: bytes.slice() }
          : { kind: 'external', ...(await this.#weights.append(bytes)) },
    });
    return name;
  }

  /** A small int64 vector; equal ones are shared. */
  ints(...values: readonly number[]): Value {
    return this.#constant(`ints_${values.join('_')}`, [values.length], BigInt64Array.from(values, BigInt));
  }

  /** An int64 scalar. */
  int(value: number): Value {
    return this.#constant(`int_${value}`, [], BigInt64Array.of(BigInt(value)));
  }

  /** A float scalar. */
  float(value: number): Value {
    return this.#constant(`float_${value}`, [], Float32Array.of(value));
  }

  /** A uint8 scalar. */
  byte(value: number): Value {
    return this.#constant(`byte_${value}`, [], Uint8Array.of(value));
  }

  /** So many int8 zeros. */
  signedBytes(count: number): Value {
    return this.#constant(`signed_bytes_${count}`, [count], new Int8Array(count));
  }

  #constant(name: string, dims: readonly number[], data: TypedData): Value {
    if (!this.#constants.has(name)) {
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      this.#initializers.push({ name, type: typeOf(data), dims, data: { kind: 'inline', bytes } });
      this.#constants.set(name, name);
    }
    return name;
  }

  /** An operator with one output. An empty input name stands for an optional input left out. */
  op(op: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>> = {}, domain = ''): Value {
    const output = `v${this.#count++}`;
    this.#nodes.push({ op, domain, inputs, outputs: [output], attributes });
    return output;
  }

  /** All outputs of an operator that has several. */
  many(
    count: number,
    op: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): readonly Value[] {
    const outputs = Array.from({ length: count }, () => `v${this.#count++}`);
    this.#nodes.push({ op, domain: '', inputs, outputs, attributes });
    return outputs;
  }

  /** An operator of ONNX Runtime's own domain. */
  fused(op: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>> = {}): Value {
    return this.op(op, inputs, attributes, 'com.microsoft');
  }

  /** `DynamicQuantizeLinear`: uint8 values, scale and zero point of a float tensor. */
  quantize(input: Value): readonly [values: Value, scale: Value, zeroPoint: Value] {
    const key = `quantized_${input}`;
    const outputs = [key, `${key}_scale`, `${key}_zero`] as const;
    if (!this.#constants.has(key)) {
      this.#constants.set(key, key);
      this.#nodes.push({ op: 'DynamicQuantizeLinear', domain: '', inputs: [input], outputs, attributes: {} });
    }
    return outputs;
  }

  /**
   * uint8 values of a float tensor, each row scaled to its own largest magnitude: a row's values then don't depend on what
   * else is in the tensor. The scale of a row is its second output over 127, the zero point 128. What the values of a row of
   * zeros are is no matter: its scale is 0.
   */
  quantizeRows(input: Value): readonly [values: Value, largest: Value] {
    const key = `rows_${input}`;
    const known = this.#rowQuantized.get(key);
    if (known !== undefined) return known;
    const largest = this.op('ReduceMax', [this.op('Abs', [input])], { axes: [-1], keepdims: 1 });
    const unit = this.op('Div', [input, largest]);
    const values = this.op('QuantizeLinear', [unit, this.float(1 / 127), this.byte(128)]);
    const made = [values, largest] as const;
    this.#rowQuantized.set(key, made);
    return made;
  }

  parts(): GraphParts {
    const rename = (value: Value): Value => this.#names.get(value) ?? value;
    return {
      nodes: this.#nodes.map((node) => ({
        ...node,
        inputs: node.inputs.map(rename),
        outputs: node.outputs.map(rename),
      })),
      initializers: this.#initializers,
      inputs: this.#inputs,
      outputs: this.#outputs,
    };
  }
}
