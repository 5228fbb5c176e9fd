/** Drives the engine's own parts as OpenAI's reference does: one padded window of 30 s, greedy, no guards, no fallback. */
import * as ort from 'onnxruntime-node';

import { DecoderBatch } from '../../src/engines/whisper/decode/batch.ts';
import { createEncoder, type EncodedWindow } from '../../src/engines/whisper/decode/encoder.ts';
import type { LogitRules } from '../../src/engines/whisper/decode/logits.ts';
import { applyRules, topCandidates } from '../../src/engines/whisper/decode/logits.ts';
import type { Decode, StepPlan, StepResult } from '../../src/engines/whisper/decode/plan.ts';
import { promptTokens } from '../../src/engines/whisper/decode/prompt.ts';
import { suppressionOf } from '../../src/engines/whisper/decode/suppression.ts';
import { TextDecode } from '../../src/engines/whisper/decode/text-decode.ts';
import { HALF_FRAME } from '../../src/engines/whisper/features/dft.ts';
import { foldFrames } from '../../src/engines/whisper/features/frames.ts';
import { buildGraphs } from '../../src/engines/whisper/graph/graph-cache.ts';
import { crossTracks } from '../../src/engines/whisper/graph/memory-layout.ts';
import { openWhisperModel } from '../../src/engines/whisper/model/open-model.ts';
import { madeOptions } from '../../src/engines/whisper/testing/made-options.ts';

/** Encoder positions of the whole window. */
const POSITIONS = 1500;
/** Half of the text context: OpenAI's `sample_len`. */
const TOKEN_LIMIT = 224;

export interface Choice {
  readonly token: number;
  /** The runner-up. */
  readonly second: number;
  /** How much likelier `token` is than `second`, in log probability. */
  readonly margin: number;
}

export interface Heard {
  /** Shape [3000, mels]. */
  readonly mel: Float32Array;
  /** Shape [1500, state]. */
  readonly encoded: Float32Array;
}

export interface WholeWindow {
  hear(pcm: Float32Array): Promise<Heard>;
  encode(pcm: Float32Array): Promise<EncodedWindow>;
  /** Greedy choices without the prompt, the end token last. */
  decode(window: EncodedWindow, timestamps: boolean): Promise<readonly Choice[]>;
  readonly endOfText: number;
}

/** Opens a model in float32, its graphs built in `cacheFolder`. */
export async function openWholeWindow(path: string, cacheFolder: string): Promise<WholeWindow> {
  const model = await openWhisperModel(path);
  const suppression = suppressionOf(model);
  const graphs = await buildGraphs({ model, precision: 'f32', suppressed: suppression.all, cacheFolder });
  await model[Symbol.asyncDispose]();
  const options = { intraOpNumThreads: 2, interOpNumThreads: 1 };
  const encoder = await ort.InferenceSession.create(graphs.encoder, options);
  const decoder = await ort.InferenceSession.create(graphs.decoder, options);
  const heard = crossTracks(model.shape, 'f32');
  const encode = createEncoder((inputs, outputs) => encoder.run(inputs, outputs), heard);
  const { special } = model.tokenizer;
  const prompt = promptTokens(model, madeOptions());

  function textDecode(timestamps: boolean): Watched {
    const logits: LogitRules = {
      special,
      vocabulary: model.shape.vocabulary,
      restored: timestamps ? suppression.stamps : [],
      notFirst: suppression.notFirst,
      timestamps,
      lastTimestamp: special.timestampBegin + POSITIONS,
    };
    const decode = new TextDecode({
      ...prompt,
      search: {
        endOfText: special.endOfText,
        beamSize: 1,
        lengthPenalty: 1,
        pruneBehind: Infinity,
        mergeAfter: Infinity,
      },
      temperature: 0,
      logits,
      suppressed: suppression.all,
      prefix: [],
      guess: [],
      tokenLimit: TOKEN_LIMIT,
      listening: false,
      random: () => 0,
    });
    return watch(decode, logits);
  }

  return {
    endOfText: special.endOfText,
    async hear(pcm) {
      const frames = foldFrames(pcm, POSITIONS);
      const feeds = {
        even: new ort.Tensor('float32', frames.even, [frames.count, HALF_FRAME]),
        odd: new ort.Tensor('float32', frames.odd, [frames.count, HALF_FRAME]),
      };
      const outputs = await encoder.run(feeds, ['mel', 'encoded']);
      return { mel: floats(outputs['mel']?.data), encoded: floats(outputs['encoded']?.data) };
    },
    encode: (pcm) => encode({ pcm, positions: POSITIONS }),
    async decode(window, timestamps) {
      const { decode, choices } = textDecode(timestamps);
      const batch = new DecoderBatch((inputs, outputs) => decoder.run(inputs, outputs), model.shape, heard, 1);
      const seat = batch.join(decode, window, 1);
      while (decode.plan() !== undefined) await batch.step();
      batch.leave(seat);
      return choices;
    },
  };
}

interface Watched {
  readonly decode: Decode;
  readonly choices: readonly Choice[];
}

/** Notes what each step chose and how narrowly. */
function watch(inner: Decode, rules: LogitRules): Watched {
  const choices: Choice[] = [];
  const decode: Decode = {
    plan: (): StepPlan | undefined => inner.plan(),
    accept(result: StepResult): void {
      const row = result.logits.at(-1)?.slice();
      let best = result.best.at(-1);
      if (row !== undefined) {
        applyRules(
          row,
          choices.map(({ token }) => token),
          rules,
        );
        best = topCandidates(row, rules.vocabulary);
      }
      choices.push({
        token: best?.tokens[0] ?? -1,
        second: best?.tokens[1] ?? -1,
        margin: (best?.logprobs[0] ?? 0) - (best?.logprobs[1] ?? 0),
      });
      inner.accept(result);
    },
  };
  return { decode, choices };
}

function floats(data: unknown): Float32Array {
  return data instanceof Float32Array ? data : new Float32Array(0);
}
