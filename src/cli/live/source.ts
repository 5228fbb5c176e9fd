import type { App, AudioInput } from '../../app/index.ts';
import { ScriptoriumError } from '../../core/index.ts';
import type { Call } from '../command.ts';
import { nameInputs, openInput } from '../transcribe/inputs.ts';
import { recordMicrophone } from './microphone.ts';

/** 100 ms of 16 kHz mono, 16 bit. */
const FRAME_BYTES = 3200;

/** Where the sound comes from. */
export type LiveSource =
  | { readonly kind: 'microphone' }
  | { readonly kind: 'raw'; readonly input: AudioInput }
  /** In any format; decoded here. */
  | { readonly kind: 'recording'; readonly input: AudioInput };

const usage = (message: string): ScriptoriumError => new ScriptoriumError('usage-invalid', message);

/**
 * Looks whether there is what is asked for.
 *
 * @throws ScriptoriumError `usage-invalid` unless exactly one source is asked for; as `openInput` does.
 */
export async function liveSource({ positionals, config, world }: Call, signal: AbortSignal): Promise<LiveSource> {
  if (config.microphone) {
    if (positionals.length > 0) throw usage('--microphone and a recording exclude each other: choose one');
    return { kind: 'microphone' };
  }
  if (positionals.length === 0 && world.stdinIsTerminal) {
    throw usage('nothing to listen to: scriptorium live FILE, scriptorium live --microphone, or - for a pipe');
  }
  const [input, ...others] = nameInputs(positionals.length === 0 ? ['-'] : positionals, world);
  if (input === undefined || others.length > 0) throw usage('one recording at a time is spoken live');
  return { kind: config.raw ? 'raw' : 'recording', input: await openInput(input, world, signal) };
}

/** Whether the source itself is as fast as time passes: it is not paced, and can't wait. */
export const isLive = ({ kind }: LiveSource): boolean => kind === 'microphone';

/**
 * The sound in frames of 100 ms, the last one shorter; ends when `signal` aborts.
 *
 * @throws ScriptoriumError as `openInput`, `App.decode` and `recordMicrophone` do.
 */
export async function* framesOf(
  source: LiveSource,
  { world, createApp }: Call,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let filled = 0;
  let frame = new Uint8Array(FRAME_BYTES);
  try {
    for await (const bytes of bytesOf(source, world, createApp, signal)) {
      for (let at = 0; at < bytes.length;) {
        const part = bytes.subarray(at, at + FRAME_BYTES - filled);
        frame.set(part, filled);
        at += part.length;
        filled += part.length;
        if (filled < FRAME_BYTES) continue;
        yield frame;
        frame = new Uint8Array(FRAME_BYTES);
        filled = 0;
      }
    }
  } catch (error) {
    // What was heard before Ctrl-C is still worth its end.
    if (!signal.aborted) throw error;
  }
  const whole = filled - (filled % 2);
  if (whole > 0) yield frame.subarray(0, whole);
}

async function* bytesOf(
  source: LiveSource,
  world: Call['world'],
  createApp: () => Promise<App>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  if (source.kind === 'microphone') {
    yield* recordMicrophone(world, signal);
    return;
  }
  const { input } = source;
  if (source.kind === 'raw') {
    for await (const bytes of input.open()) {
      if (signal.aborted) return;
      yield bytes;
    }
    return;
  }
  await using app = await createApp();
  for await (const samples of app.decode(input, signal)) yield int16Bytes(samples);
}

function int16Bytes(samples: Float32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(samples.length * 2));
  for (const [index, value] of samples.entries()) {
    view.setInt16(index * 2, Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768))), true);
  }
  return new Uint8Array(view.buffer);
}
