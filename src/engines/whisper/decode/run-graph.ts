import type { InferenceSession } from 'onnxruntime-node';

/** Runs a graph: names of the outputs that are wanted, or tensors to write them into. */
export type RunGraph = (
  inputs: InferenceSession.FeedsType,
  outputs: readonly string[] | InferenceSession.NullableOnnxValueMapType,
) => Promise<InferenceSession.ReturnType>;
