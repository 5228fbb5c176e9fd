import { decodeTo16k, nodeFfmpeg, type AudioWarning, type DecodeLimits } from '../audio/index.ts';
import { heeding, millis } from '../core/index.ts';
import { tmpdir } from 'node:os';
import type { AudioInput } from './app.ts';

/** `ffmpeg` that gives nothing for so long is stuck. */
const FFMPEG_STALL = millis(60_000);

export interface DecodeParts {
  /** The program; without it the formats that need it are refused. */
  readonly ffmpeg: string | undefined;
  readonly limits: DecodeLimits | undefined;
  readonly onWarning: (warning: AudioWarning) => void;
}

/** How recordings are opened, with these settings. */
export function decodeSettings({ ffmpeg, limits, onWarning }: DecodeParts) {
  return {
    ...(ffmpeg === undefined ? {} : { ffmpeg: nodeFfmpeg(ffmpeg, { tempFolder: tmpdir(), stallLimit: FFMPEG_STALL }) }),
    ...(limits === undefined ? {} : { limits }),
    onWarning,
  };
}

/** The samples of a recording as they are decoded: 16 kHz mono in [-1, 1]. Fails as `decodeTo16k` does. */
export async function* decodeRecording(
  input: AudioInput,
  parts: DecodeParts,
  signal: AbortSignal,
): AsyncGenerator<Float32Array, void, undefined> {
  const path = input.path === undefined ? {} : { path: input.path };
  const opening = decodeTo16k(input.open(), { name: input.name, channels: 'mix', ...path, ...decodeSettings(parts) });
  let isOpen = false;
  try {
    const audio = await heeding(signal, opening);
    isOpen = true;
    try {
      for await (const [mono] of audio.blocks) {
        signal.throwIfAborted();
        if (mono !== undefined) yield mono;
      }
    } finally {
      await audio.close();
    }
  } finally {
    // One that is given up while it opens may never open: a pipe can stay silent.
    if (!isOpen) opening.then((late) => late.close()).catch(() => {});
  }
}
