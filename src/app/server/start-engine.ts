import { createReadStream } from 'node:fs';
import { decodeTo16k } from '../../audio/index.ts';
import type { DecodeOptions, Engine, Segment } from '../../core/index.ts';
import { DEFAULT_DECODE_OPTIONS, ScriptoriumError, samples } from '../../core/index.ts';
import type { LazyEngine } from '../../engines/whisper/index.ts';
import { SAMPLE_RECORDING } from '../package-files.ts';

/** What the sample recording says: an engine from which these words don't come can't be trusted. */
const EXPECTED = /ask not what your country can do for you/i;
const CANARY: DecodeOptions = { ...DEFAULT_DECODE_OPTIONS, language: 'en', beamSize: 1, temperatures: [0] };

/**
 * Starts an engine and has it transcribe the sample recording.
 *
 * @param isKnown whether its model is one of those that hear the sample right; of others it is only asked to answer.
 * @throws ScriptoriumError as its start does; `engine-failed` when the words are wrong; the reason of `signal`.
 */
export async function startEngine(engine: LazyEngine, isKnown: boolean, signal: AbortSignal): Promise<Engine> {
  const giveUp = (): void => void engine[Symbol.asyncDispose]();
  signal.throwIfAborted();
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    await engine.start();
    const { text } = await engine.transcribe(await sample(), CANARY, signal);
    if (isKnown && !EXPECTED.test(text.replaceAll(',', ''))) {
      throw new ScriptoriumError('engine-failed', `${engine.info.name} hears wrong words in the sample recording`);
    }
    return engine;
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/** The sample recording as one segment. */
async function sample(): Promise<Segment> {
  const audio = await decodeTo16k(createReadStream(SAMPLE_RECORDING), {
    name: 'the sample recording',
    channels: 'mix',
  });
  const blocks: Float32Array[] = [];
  for await (const [block] of audio.blocks) if (block !== undefined) blocks.push(block);
  const pcm = new Float32Array(blocks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const block of blocks) {
    pcm.set(block, at);
    at += block.length;
  }
  return { start: samples(0), pcm, speech: [{ start: samples(0), end: samples(pcm.length) }] };
}
