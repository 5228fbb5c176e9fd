/**
 * Rewrites Silero VAD v6 (16 kHz) for whole stretches of audio: `node models/derive-silero-vad.mjs UPSTREAM.onnx OUT.onnx`.
 *
 * Upstream takes one 32 ms frame a call. Only its LSTM carries state, so everything before it can run for all frames
 * at once and the LSTM can take a sequence. The numbers are those of upstream, only laid out anew: the short-time
 * Fourier transform and each convolution (over 4, 2 and 1 positions) become one dense matrix each.
 *
 *   windows [n*4, 256], h [1, 1, 128], c [1, 1, 128]  ->  probability [n], hN, cN
 */
import { readFileSync, writeFileSync } from 'node:fs';
import protobuf from 'protobufjs';

const { root } = protobuf.parse(`
syntax = "proto3"; package onnx;
message Attribute { string name = 1; float f = 2; int64 i = 3; bytes s = 4; Tensor t = 5; Graph g = 6;
  repeated float floats = 7; repeated int64 ints = 8; int32 type = 20; }
message Node { repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4;
  repeated Attribute attribute = 5; string domain = 7; }
message Tensor { repeated int64 dims = 1; int32 data_type = 2; repeated float float_data = 4; repeated int64 int64_data = 7;
  string name = 8; bytes raw_data = 9; }
message Dim { int64 dim_value = 1; string dim_param = 2; }
message Shape { repeated Dim dim = 1; }
message TensorType { int32 elem_type = 1; Shape shape = 2; }
message Type { TensorType tensor_type = 1; }
message Value { string name = 1; Type type = 2; }
message Graph { repeated Node node = 1; string name = 2; repeated Tensor initializer = 5; string doc_string = 10;
  repeated Value input = 11; repeated Value output = 12; }
message OperatorSet { string domain = 1; int64 version = 2; }
message Model { int64 ir_version = 1; repeated OperatorSet opset_import = 8; string producer_name = 2; string doc_string = 6; Graph graph = 7; }
`);
const Model = root.lookupType('onnx.Model');
const FLOAT = 1;
const INT64 = 7;

const [source, target] = process.argv.slice(2);
const upstream = Model.decode(readFileSync(source)).graph;
const weights = new Map(
  upstream.initializer.map(({ name, rawData }) => [
    name.replace(/^model\./, ''),
    new Float32Array(rawData.buffer.slice(rawData.byteOffset, rawData.byteOffset + rawData.length)),
  ]),
);

/** Weight [out, in, taps] over `positions` inputs as one matrix [positions*in, outputs*out]; padding of 1 on both sides. */
function dense(name, inputs, outputs, positions, stride) {
  const weight = weights.get(`encoder.${name}.reparam_conv.weight`);
  const bias = weights.get(`encoder.${name}.reparam_conv.bias`);
  const steps = Math.floor((positions - 1) / stride) + 1;
  const matrix = new Float32Array(positions * inputs * steps * outputs);
  for (let step = 0; step < steps; step++) {
    for (let tap = 0; tap < 3; tap++) {
      const position = step * stride + tap - 1;
      if (position < 0 || position >= positions) continue;
      for (let i = 0; i < inputs; i++) {
        for (let o = 0; o < outputs; o++) {
          matrix[(position * inputs + i) * steps * outputs + step * outputs + o] = weight[(o * inputs + i) * 3 + tap];
        }
      }
    }
  }
  const wide = new Float32Array(steps * outputs);
  for (let step = 0; step < steps; step++) wide.set(bias, step * outputs);
  return { matrix, bias: wide, rows: positions * inputs, columns: steps * outputs };
}

const initializer = [];
const node = [];
const bytes = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
function floats(name, dims, values) {
  initializer.push({ name, dims, dataType: FLOAT, rawData: bytes(values) });
  return name;
}
function integers(name, values) {
  initializer.push({
    name,
    dims: [values.length],
    dataType: INT64,
    rawData: bytes(BigInt64Array.from(values, BigInt)),
  });
  return name;
}
function add(opType, input, output, attribute = []) {
  node.push({ opType, input, output: [output].flat(), attribute });
  return output;
}

const basis = weights.get('stft.forward_basis_buffer');
const turned = new Float32Array(256 * 258);
for (let bin = 0; bin < 258; bin++) for (let t = 0; t < 256; t++) turned[t * 258 + bin] = basis[bin * 256 + t];
add('MatMul', ['windows', floats('basis', [256, 258], turned)], 'spectrum');
add('Mul', ['spectrum', 'spectrum'], 'squared');
add('Split', ['squared', integers('halves', [129, 129])], ['real', 'imaginary'], [{ name: 'axis', i: 1, type: 2 }]);
add('Add', ['real', 'imaginary'], 'power');
add('Sqrt', ['power'], 'magnitude');
let last = add('Reshape', ['magnitude', integers('wide', [-1, 516])], 'bins');
for (const [index, inputs, outputs, positions, stride] of [
  [0, 129, 128, 4, 1],
  [1, 128, 64, 4, 2],
  [2, 64, 64, 2, 2],
  [3, 64, 128, 1, 1],
]) {
  const layer = dense(String(index), inputs, outputs, positions, stride);
  const weight = floats(`conv${index}`, [layer.rows, layer.columns], layer.matrix);
  add('Gemm', [last, weight, floats(`bias${index}`, [layer.columns], layer.bias)], `sum${index}`);
  last = add('Relu', [`sum${index}`], `features${index}`);
}
/** PyTorch orders the gates input, forget, cell, output; ONNX input, output, forget, cell. */
function gates(values, width) {
  const part = (gate) => values.subarray(gate * 128 * width, (gate + 1) * 128 * width);
  const result = new Float32Array(512 * width);
  [0, 3, 1, 2].forEach((gate, place) => result.set(part(gate), place * 128 * width));
  return result;
}
const biases = new Float32Array(1024);
biases.set(gates(weights.get('decoder.rnn.bias_ih'), 1));
biases.set(gates(weights.get('decoder.rnn.bias_hh'), 1), 512);
add('Reshape', [last, integers('sequence', [-1, 1, 128])], 'steps');
add(
  'LSTM',
  [
    'steps',
    floats('W', [1, 512, 128], gates(weights.get('decoder.rnn.weight_ih'), 128)),
    floats('R', [1, 512, 128], gates(weights.get('decoder.rnn.weight_hh'), 128)),
    floats('B', [1, 1024], biases),
    '',
    'h',
    'c',
  ],
  ['hidden', 'hN', 'cN'],
  [{ name: 'hidden_size', i: 128, type: 2 }],
);
add('Relu', ['hidden'], 'voiced');
add('Reshape', ['voiced', integers('rows', [-1, 128])], 'rowsOf');
add(
  'Gemm',
  [
    'rowsOf',
    floats('out', [128, 1], weights.get('decoder.decoder.2.weight')),
    floats('outBias', [1], weights.get('decoder.decoder.2.bias')),
  ],
  'logit',
);
add('Sigmoid', ['logit'], 'column');
add('Reshape', ['column', integers('flat', [-1])], 'probability');

const value = (name, dims) => ({
  name,
  type: {
    tensorType: {
      elemType: FLOAT,
      shape: { dim: dims.map((dim) => (typeof dim === 'string' ? { dimParam: dim } : { dimValue: dim })) },
    },
  },
});
const state = [1, 1, 128];
writeFileSync(
  target,
  Model.encode(
    Model.create({
      irVersion: 8,
      opsetImport: [{ domain: '', version: 13 }],
      producerName: 'scriptorium',
      docString: 'Silero VAD v6, 16 kHz, laid out for sequences. MIT, Copyright (c) 2020-present Silero Team.',
      graph: {
        name: 'silero-vad-v6',
        node,
        initializer,
        input: [value('windows', ['n4', 256]), value('h', state), value('c', state)],
        output: [value('probability', ['n']), value('hN', state), value('cN', state)],
      },
    }),
  ).finish(),
);
