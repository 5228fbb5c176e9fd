/**
 * The part of the ONNX file format that our graphs need, written by hand on protobuf's own writer:
 * field numbers are those of `onnx.proto` (ONNX 1.16, IR version 9).
 */
import protobuf from 'protobufjs/minimal.js';

/** `TensorProto.DataType` */
export const DataType = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;
export type DataType = (typeof DataType)[keyof typeof DataType];

/** A dimension: a number, or a name for one that is known only at run time. */
export type Dimension = number | string;

export interface ValueInfo {
  readonly name: string;
  readonly type: DataType;
  readonly dims: readonly Dimension[];
}

/** Integers become INT(S), `{ float }` a FLOAT. */
export type Attribute = number | readonly number[] | { readonly float: number };

export interface Node {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** Where an initializer's bytes stand: in the model file, or in a file beside it. */
export type TensorBytes =
  | { readonly kind: 'inline'; readonly bytes: Uint8Array }
  | { readonly kind: 'external'; readonly file: string; readonly offset: number; readonly length: number };

export interface Initializer {
  readonly name: string;
  readonly type: DataType;
  readonly dims: readonly number[];
  readonly data: TensorBytes;
}

export interface GraphParts {
  readonly nodes: readonly Node[];
  readonly initializers: readonly Initializer[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

type Writer = protobuf.Writer;

const IR_VERSION = 9;
/** Opset 17 is the first with LayerNormalization. */
const OPSETS: readonly (readonly [domain: string, version: number])[] = [
  ['', 17],
  ['com.microsoft', 1],
];

const lengthDelimited = (field: number): number => (field << 3) | 2;
const varint = (field: number): number => field << 3;
const fixed32 = (field: number): number => (field << 3) | 5;

function message(writer: Writer, field: number, body: (writer: Writer) => void): void {
  writer.uint32(lengthDelimited(field)).fork();
  body(writer);
  writer.ldelim();
}

function attribute(writer: Writer, name: string, value: Attribute): void {
  writer.uint32(lengthDelimited(1)).string(name);
  if (typeof value === 'number') {
    writer.uint32(varint(3)).int64(value).uint32(varint(20)).int32(2);
  } else if ('float' in value) {
    writer.uint32(fixed32(2)).float(value.float).uint32(varint(20)).int32(1);
  } else {
    for (const item of value) writer.uint32(varint(8)).int64(item);
    writer.uint32(varint(20)).int32(7);
  }
}

function node(writer: Writer, index: number, part: Node): void {
  for (const input of part.inputs) writer.uint32(lengthDelimited(1)).string(input);
  for (const output of part.outputs) writer.uint32(lengthDelimited(2)).string(output);
  writer.uint32(lengthDelimited(3)).string(`${part.op}_${index}`);
  writer.uint32(lengthDelimited(4)).string(part.op);
  for (const [name, value] of Object.entries(part.attributes)) {
    message(writer, 5, (inner) => attribute(inner, name, value));
  }
  if (part.domain !== '') writer.uint32(lengthDelimited(7)).string(part.domain);
}

function initializer(writer: Writer, part: Initializer): void {
  for (const dim of part.dims) writer.uint32(varint(1)).int64(dim);
  writer.uint32(varint(2)).int32(part.type);
  writer.uint32(lengthDelimited(8)).string(part.name);
  if (part.data.kind === 'inline') {
    writer.uint32(lengthDelimited(9)).bytes(part.data.bytes);
    return;
  }
  const { file, offset, length } = part.data;
  for (const [key, value] of Object.entries({ location: file, offset: String(offset), length: String(length) })) {
    message(writer, 13, (entry) => {
      entry.uint32(lengthDelimited(1)).string(key).uint32(lengthDelimited(2)).string(value);
    });
  }
  writer.uint32(varint(14)).int32(1);
}

function valueInfo(writer: Writer, part: ValueInfo): void {
  writer.uint32(lengthDelimited(1)).string(part.name);
  message(writer, 2, (type) =>
    message(type, 1, (tensor) => {
      tensor.uint32(varint(1)).int32(part.type);
      message(tensor, 2, (shape) => {
        for (const dim of part.dims) {
          message(shape, 1, (inner) => {
            if (typeof dim === 'number') inner.uint32(varint(1)).int64(dim);
            else inner.uint32(lengthDelimited(2)).string(dim);
          });
        }
      });
    }),
  );
}

/** The bytes of a `.onnx` file. */
export function encodeModel(parts: GraphParts): Uint8Array {
  const writer = protobuf.Writer.create();
  writer.uint32(varint(1)).int64(IR_VERSION);
  writer.uint32(lengthDelimited(2)).string('scriptorium');
  message(writer, 7, (graph) => {
    parts.nodes.forEach((part, index) => message(graph, 1, (inner) => node(inner, index, part)));
    graph.uint32(lengthDelimited(2)).string('whisper');
    for (const part of parts.initializers) message(graph, 5, (inner) => initializer(inner, part));
    for (const part of parts.inputs) message(graph, 11, (inner) => valueInfo(inner, part));
    for (const part of parts.outputs) message(graph, 12, (inner) => valueInfo(inner, part));
  });
  for (const [domain, version] of OPSETS) {
    message(writer, 8, (inner) => {
      inner.uint32(lengthDelimited(1)).string(domain).uint32(varint(2)).int64(version);
    });
  }
  return writer.finish();
}
