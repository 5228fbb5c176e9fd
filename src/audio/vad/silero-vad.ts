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
/** Values of the windows of the longest run, 256 KiB. */
const ROOM = MAX_FRAMES_PER_RUN * WINDOWS * WINDOW_SAMPLES;
/** Frames of a run, as live sessions have, for which fresh room is as good. */
const SHORT_FRAMES = 8;
/** Rooms kept: runs hardly overlap. */
const MAX_ROOMS = 4;
/** Under it a sample is digital silence: half a step of 14 bits, far below any microphone's noise. */
const SILENCE_LEVEL = 1 / 32_768;
/** Silent frames in a row, 1 s, after which the network's state has settled and it need not run. */
const SETTLED_FRAMES = 32;

/** The runtime would report to its makers which sessions are made, and write a name of this machine into its user's folder. */
process.env['ORT_DISABLE_TELEMETRY'] = '1';

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
  const rooms = createRooms();
  return {
    open: () => openStream(session, rooms),
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

/** Room for the windows of long runs, used again: fresh ones would be a large part of the garbage that a file makes. */
interface Rooms {
  take(frames: number): Float32Array;
  giveBack(room: Float32Array): void;
}

function createRooms(): Rooms {
  const free: Float32Array[] = [];
  return {
    take(frames) {
      const values = frames * WINDOWS * WINDOW_SAMPLES;
      if (frames <= SHORT_FRAMES) return new Float32Array(values);
      return (free.pop() ?? new Float32Array(ROOM)).subarray(0, values);
    },
    giveBack({ buffer }) {
      if (buffer.byteLength === ROOM * Float32Array.BYTES_PER_ELEMENT && free.length < MAX_ROOMS)
        free.push(new Float32Array(buffer));
    },
  };
}

function openStream(session: InferenceSession, rooms: Rooms): VadStream {
  const context = new Float32Array(CONTEXT_SAMPLES);
  let hidden = zeroState();
  let cell = zeroState();
  let silentFrames = 0;

  async function run(frames: Float32Array, out: Float32Array): Promise<void> {
    const room = rooms.take(frames.length / VAD_FRAME_SAMPLES);
    const windows = cutWindows(context, frames, room);
    const result = await session.run({ windows, h: hidden, c: cell });
    rooms.giveBack(room);
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

/** The windows of each frame with its context before it and its own end mirrored after it; written to `windows`, which they fill. */
function cutWindows(context: Float32Array, frames: Float32Array, windows: Float32Array): Tensor {
  const count = frames.length / VAD_FRAME_SAMPLES;
  const kept = WINDOW_SAMPLES - REFLECTED_SAMPLES;
  for (let frame = 0; frame < count; frame++) {
    const start = frame * VAD_FRAME_SAMPLES - CONTEXT_SAMPLES;
    const end = start + CONTEXT_SAMPLES + VAD_FRAME_SAMPLES;
    for (let window = 0; window < WINDOWS; window++) {
      const from = start + window * HOP_SAMPLES;
      const to = (frame * WINDOWS + window) * WINDOW_SAMPLES;
      if (from < 0) windows.set(context, to);
      const missing = Math.max(0, -from);
      windows.set(frames.subarray(from + missing, Math.min(from + WINDOW_SAMPLES, end)), to + missing);
      if (window < WINDOWS - 1) continue;
      for (let i = 0; i < REFLECTED_SAMPLES; i++) windows[to + kept + i] = frames[end - 2 - i] ?? 0;
    }
  }
  return new Tensor('float32', windows, [count * WINDOWS, WINDOW_SAMPLES]);
}
