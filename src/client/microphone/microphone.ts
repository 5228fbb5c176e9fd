import { ClientError } from '../errors.ts';
import { pageAudio, type AudioContextLike, type AudioWorld, type MediaStreamLike } from './audio-world.ts';
import { resampler } from './to-16k.ts';
import { WORKLET_NAME, WORKLET_SOURCE } from './worklet.ts';

const RATE = 16_000;
/** 50 ms: short enough to be heard at once, long enough to be worth a message. */
const FRAME_SAMPLES = 800;
/** Frames that wait for a reader, 10 s of them; the oldest go. */
const MAX_WAITING = 200;

export interface MicrophoneOptions {
  /** As `getUserMedia` takes them, of audio: `deviceId`, `noiseSuppression`, … */
  readonly constraints?: object;
  /** In place of the page's own. */
  readonly world?: AudioWorld;
}

/** An open microphone: 16 kHz mono, 16 bit, in frames of 50 ms. Give its frames to a session with `whenFull: 'gap'`. */
export interface Microphone extends AsyncIterable<Int16Array, void, undefined> {
  /** Loudness of the last frame: root mean square, 0 to 1. */
  level(): number;
  /** Lets go of the device; what was heard is still read. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Asks for the microphone and listens.
 *
 * @throws ClientError `microphone-denied` (the person or the page's owner said no), `microphone-missing`, `microphone-failed`.
 */
export async function microphone({ constraints = {}, world }: MicrophoneOptions = {}): Promise<Microphone> {
  const audio = world ?? pageAudio();
  if (audio?.mediaDevices === undefined) {
    throw new ClientError('microphone-missing', 'a page may use a microphone only over https or on localhost');
  }
  const wanted = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  const stream = await audio.mediaDevices
    .getUserMedia({ audio: { ...wanted, ...constraints } })
    .catch((cause: unknown) => {
      throw refusal(cause);
    });
  const opened = await openContext(audio, stream).catch((cause: unknown) => {
    for (const track of stream.getTracks()) track.stop();
    throw new ClientError('microphone-failed', 'this browser could not listen to the microphone', { cause });
  });
  return listenTo(stream, opened);
}

function refusal(cause: unknown): ClientError {
  const name = cause instanceof Error ? cause.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') {
    return new ClientError('microphone-denied', 'the microphone was not allowed', { cause });
  }
  if (name === 'NotFoundError' || name === 'OverconstrainedError') {
    return new ClientError('microphone-missing', 'there is no microphone', { cause });
  }
  return new ClientError('microphone-failed', 'the microphone could not be opened', { cause });
}

interface Opened {
  readonly context: AudioContextLike;
  readonly source: ReturnType<AudioContextLike['createMediaStreamSource']>;
  readonly node: InstanceType<AudioWorld['AudioWorkletNode']>;
}

async function openContext(audio: AudioWorld, stream: MediaStreamLike): Promise<Opened> {
  const { context, source } = contextFor(audio, stream);
  const url = URL.createObjectURL(new Blob([WORKLET_SOURCE], { type: 'text/javascript' }));
  try {
    await context.audioWorklet.addModule(url);
    const node = new audio.AudioWorkletNode(context, WORKLET_NAME, { channelCount: 1, channelCountMode: 'explicit' });
    source.connect(node);
    // Silent, but without it some browsers never run the node.
    node.connect(context.destination);
    await context.resume();
    return { context, source, node };
  } catch (error) {
    await context.close();
    throw error;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** At 16 kHz where the browser resamples by itself; Firefox refuses a stream of another rate, and gives its own. */
function contextFor(audio: AudioWorld, stream: MediaStreamLike): Pick<Opened, 'context' | 'source'> {
  const exact = new audio.AudioContext({ sampleRate: RATE });
  try {
    return { context: exact, source: exact.createMediaStreamSource(stream) };
  } catch {
    void exact.close();
    const context = new audio.AudioContext();
    return { context, source: context.createMediaStreamSource(stream) };
  }
}

function listenTo(stream: MediaStreamLike, { context, source, node }: Opened): Microphone {
  const to16k = resampler(context.sampleRate, RATE);
  const waiting: Int16Array[] = [];
  let frame = new Int16Array(FRAME_SAMPLES);
  let filled = 0;
  let level = 0;
  let stopped: Promise<void> | undefined;
  let wake = (): void => {};

  function take(samples: Float32Array): void {
    for (const value of to16k.push(samples)) {
      frame[filled++] = Math.round(Math.max(-1, Math.min(1, value)) * 32_767);
      if (filled === FRAME_SAMPLES) hand();
    }
  }

  function hand(): void {
    const done = frame.subarray(0, filled);
    let sum = 0;
    for (const value of done) sum += (value / 32_768) ** 2;
    level = Math.sqrt(sum / Math.max(1, done.length));
    if (waiting.length >= MAX_WAITING) waiting.shift();
    waiting.push(done);
    frame = new Int16Array(FRAME_SAMPLES);
    filled = 0;
    wake();
  }

  async function stop(): Promise<void> {
    node.port.close();
    source.disconnect();
    node.disconnect();
    for (const track of stream.getTracks()) track.stop();
    if (filled > 0) hand();
    level = 0;
    wake();
    await context.close();
  }
  const stopOnce = (): Promise<void> => (stopped ??= stop());

  node.port.addEventListener('message', ({ data }) => {
    if (data instanceof Float32Array) take(data);
  });
  node.port.start();
  // Unplugged, or taken away by the person.
  for (const track of stream.getTracks()) track.addEventListener('ended', () => void stopOnce());

  async function next(): Promise<IteratorResult<Int16Array, void>> {
    for (;;) {
      const ready = waiting.shift();
      if (ready !== undefined) return { done: false, value: ready };
      if (stopped !== undefined) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  return {
    level: () => level,
    stop: stopOnce,
    [Symbol.asyncIterator]: () => ({
      next,
      async return() {
        await stopOnce();
        return { done: true, value: undefined };
      },
    }),
  };
}
