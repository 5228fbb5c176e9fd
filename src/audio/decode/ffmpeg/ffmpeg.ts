import { ScriptoriumError, type Millis } from '../../../core/index.ts';
import type { AudioBlock, AudioStream, DecodeContext } from '../audio-stream.ts';
import { createByteReader, type ByteReader } from '../byte-reader.ts';
import { openWav } from '../wav/wav.ts';
import type { FfmpegChild, FfmpegRunner } from './runner.ts';
import { spool, type Spooled } from './spool.ts';

/** Bytes kept of what it says; the last lines tell what went wrong. */
const MAX_SAID_BYTES = 4_096;

/**
 * Decodes whatever `ffmpeg` can: it writes WAV of 32 bit floats with the recording's own rate and channels.
 *
 * @param path the recording itself when it is a file; else its bytes are copied to one first.
 */
export async function openFfmpeg(
  reader: ByteReader,
  runner: FfmpegRunner,
  what: string,
  path: string | undefined,
  context: DecodeContext,
): Promise<AudioStream> {
  const { name, warn } = context;
  const copy: Spooled | undefined = path === undefined ? await spool(reader, runner.tempFolder, name) : undefined;
  const child = runner.start(ffmpegArguments(copy?.path ?? path ?? ''));
  const said = listen(child);
  const ended = child.exit.catch((cause: unknown) => {
    throw new ScriptoriumError('audio-format-unsupported', `${name} is ${what} audio and ffmpeg could not be started`, {
      cause,
    });
  });
  ended.catch(() => {});
  const close = async (): Promise<void> => {
    child.kill();
    await ended.catch(() => {});
    await copy?.remove();
    await reader.close();
  };

  async function* blocks(stream: AudioStream): AsyncGenerator<AudioBlock, void, undefined> {
    yield* stream.blocks;
    const { code } = await ended;
    if (code !== 0 || said() !== '') {
      warn({ kind: 'damaged', message: `${name} is damaged: parts of its ${what} were left out (${reason(said())})` });
    }
  }

  try {
    const output = createByteReader(watched(child, runner.stallLimit, name));
    const head = await output.peek(1);
    const { code } = head.length === 0 ? await ended : { code: 0 };
    if (code !== 0) throw refusal(name, what, said());
    // A pipe's WAV has no length: only ffmpeg can tell whether it is whole.
    const stream = await openWav(output, { name, warn: () => {}, isLive: false });
    return { ...stream, format: what, promised: undefined, blocks: blocks(stream), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function ffmpegArguments(path: string): readonly string[] {
  const input = ['-nostdin', '-v', 'error', '-protocol_whitelist', 'pipe,file', '-threads', '1', '-i', `file:${path}`];
  return [...input, '-vn', '-sn', '-dn', '-map_metadata', '-1', '-c:a', 'pcm_f32le', '-f', 'wav', 'pipe:1'];
}

function listen(child: FfmpegChild): () => string {
  let said = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => {
    said = (said + text).slice(-MAX_SAID_BYTES);
  });
  child.stderr.on('error', () => {});
  return () => said.trim();
}

/** What it writes; ends it when it is asked for more and gives nothing for too long. */
async function* watched(child: FfmpegChild, stallLimit: Millis, name: string): AsyncGenerator<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = child.stdout[Symbol.asyncIterator]();
  try {
    for (;;) {
      let stalled = false;
      const timer = setTimeout(() => {
        stalled = true;
        child.kill();
      }, stallLimit);
      const next = await chunks.next().finally(() => clearTimeout(timer));
      if (stalled) {
        throw new ScriptoriumError('audio-damaged', `${name}: ffmpeg gave nothing for ${stallLimit} ms and was ended`);
      }
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await chunks.return?.();
  }
}

function refusal(name: string, what: string, said: string): ScriptoriumError {
  if (/does not contain any stream|matches no streams/iu.test(said)) {
    return new ScriptoriumError('audio-format-unsupported', `${name} is ${what} without an audio track`);
  }
  return new ScriptoriumError('audio-damaged', `${name} is ${what} that ffmpeg cannot read (${reason(said)})`);
}

/** The last line of what it said, without the place in memory and the path before it. */
function reason(said: string): string {
  const line = said.split('\n').at(-1) ?? '';
  return line.replace(/^\[[^\]]*\]\s*/u, '').replace(/^file:.*:\s/u, '') || 'it does not say why';
}
