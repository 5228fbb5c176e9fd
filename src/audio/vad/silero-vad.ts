import { InferenceSession, Tensor } from 'onnxruntime-node';
import { ScriptoriumError, type Vad, type VadStream } from '../../core/index.ts';
import { VAD_FRAME_SAMPLES } from '../../core/ports/vad.ts';

/** Samples before a frame that the network sees with it (Silero v5 and v6, 16 kHz). */
const CONTEXT_SAMPLES = 64;
/** Short-time Fourier windows a frame: 256 samples each, 128 apart, the end reflected by 64. */
const WINDOWS = 4;
const WINDOW_SAMPLES = 256;
const HOP_SAMPLES = 128;
const REFLECTED_SAMPLES = 64;
/** Width of the LSTM's state. */
const STATE_WIDTH = 128;
/** Frames a run: 2 s. Longer runs cost no less a frame (measured) and hold the event loop longer than the 2 ms of these. */
const MAX_FRAMES_PER_RUN = 64;
/** Under it a sample is digital silence: half a step of 14 bits, far below any microphone's noise. */
const SILENCE_LEVEL = 1 / 32_768;
/** Silent frames in a row, 1 s, after which the network's state has settled and it need not run. */
const SETTLED_FRAMES = 32;

/**
 * Silero VAD v6 for 16 kHz, laid out for sequences (`models/README.md`): the stateless front runs for many frames at
 * once and only the LSTM goes frame by frame, so pushing many frames is several times cheaper than one at a time, with
 * equal probabilities (to 1e-5).
 *
 * After one second of digital silence the network rests: probabilities are 0 and its state stays until sound returns.
 *
 * @param modelPath path of `silero-vad-v6.onnx`.
 * @throws ScriptoriumError `model-missing` or `model-invalid` when it cannot be loaded.
 */
export async function loadSileroVad(modelPath: string): Promise<Vad> {
  const session = await load(modelPath);
  return {
    open: () => openStream(session),
    [Symbol.asyncDispose]: () => session.release(),
  };
}

async function load(modelPath: string): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(modelPath, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      logSeverityLevel: 3,
    });
  } catch (cause) {
    const missing = cause instanceof Error && /exist|no such file/iu.test(cause.message);
    const message = missing ? `${modelPath} is missing` : `${modelPath} is not a voice activity model`;
    throw new ScriptoriumError(missing ? 'model-missing' : 'model-invalid', message, { cause });
  }
}

function openStream(session: InferenceSession): VadStream {
  const context = new Float32Array(CONTEXT_SAMPLES);
  let hidden = zeroState();
  let cell = zeroState();
  let silentFrames = 0;
  // One room for all runs: a fresh one each would be most of what a long file leaves to be collected.
  let room = new Float32Array(0);

  async function run(frames: Float32Array, out: Float32Array): Promise<void> {
    const needed = (frames.length / VAD_FRAME_SAMPLES) * WINDOWS * WINDOW_SAMPLES;
    if (needed > room.length) room = new Float32Array(needed);
    const windows = cutWindows(context, frames, room.subarray(0, needed));
    const result = await session.run({ windows, h: hidden, c: cell });
    const { probability, hN, cN } = result;
    if (
      probability === undefined ||
      hN === undefined ||
      cN === undefined ||
      !(probability.data instanceof Float32Array)
    ) {
      throw new ScriptoriumError('model-invalid', 'the voice activity model lacks an output');
    }
    out.set(probability.data);
    hidden = hN;
    cell = cN;
    context.set(frames.subarray(frames.length - CONTEXT_SAMPLES));
  }

  return {
    async push(frames) {
      const count = frames.length / VAD_FRAME_SAMPLES;
      if (!Number.isInteger(count)) throw new RangeError(`${frames.length} samples are not whole frames`);
      const probabilities = new Float32Array(count);
      let from = 0;
      for (let frame = 0; frame <= count; frame++) {
        const ends = frame === count;
        if (!ends) silentFrames = isSilent(frames, frame * VAD_FRAME_SAMPLES) ? silentFrames + 1 : 0;
        const rests = !ends && silentFrames > SETTLED_FRAMES;
        if (frame > from && (ends || rests || frame - from === MAX_FRAMES_PER_RUN)) {
          const stretch = frames.subarray(from * VAD_FRAME_SAMPLES, frame * VAD_FRAME_SAMPLES);
          await run(stretch, probabilities.subarray(from, frame));
          from = frame;
        }
        if (rests) from = frame + 1;
      }
      return probabilities;
    },
  };
}

function zeroState(): Tensor {
  return new Tensor('float32', new Float32Array(STATE_WIDTH), [1, 1, STATE_WIDTH]);
}

function isSilent(frames: Float32Array, from: number): boolean {
  for (let i = from; i < from + VAD_FRAME_SAMPLES; i++) {
    if (Math.abs(frames[i] ?? 0) >= SILENCE_LEVEL) return false;
  }
  return true;
}

/** The windows of each frame with its context before it and its own end mirrored after it, written to `windows`. */
function cutWindows(context: Float32Array, frames: Float32Array, windows: Float32Array): Tensor {
  const count = frames.length / VAD_FRAME_SAMPLES;
  const audio = new Float32Array(CONTEXT_SAMPLES + frames.length);
  audio.set(context);
  audio.set(frames, CONTEXT_SAMPLES);
  const kept = WINDOW_SAMPLES - REFLECTED_SAMPLES;
  for (let frame = 0; frame < count; frame++) {
    const start = frame * VAD_FRAME_SAMPLES;
    const end = start + CONTEXT_SAMPLES + VAD_FRAME_SAMPLES;
    for (let window = 0; window < WINDOWS; window++) {
      const from = start + window * HOP_SAMPLES;
      const to = (frame * WINDOWS + window) * WINDOW_SAMPLES;
      windows.set(audio.subarray(from, Math.min(from + WINDOW_SAMPLES, end)), to);
      if (window < WINDOWS - 1) continue;
      for (let i = 0; i < REFLECTED_SAMPLES; i++) windows[to + kept + i] = audio[end - 2 - i] ?? 0;
    }
  }
  return new Tensor('float32', windows, [count * WINDOWS, WINDOW_SAMPLES]);
}
