import { decodeTo16k, splitChannels } from '../audio/index.ts';
import { ScriptoriumError, isEnded, uploadKey } from '../core/index.ts';
import type { PrepareParts } from './prepare.ts';
import { storedBlocks } from './stored-blocks.ts';

/** Has the sound of a recording written again. Who asks while that is under way waits with the first. */
export type RestoreSound = (session: string) => Promise<void>;

/**
 * Decodes a recording once more and writes what the audio store has lost of it: a power cut takes what was not on the disk yet, and
 * another Redis what was not copied. What is there is not written again.
 *
 * @param signal ends it when the worker stops, whoever waits.
 */
export function soundRestorer(
  { broker, ffmpeg, limits, log }: Pick<PrepareParts, 'broker' | 'ffmpeg' | 'limits' | 'log'>,
  signal: AbortSignal,
): RestoreSound {
  const underWay = new Map<string, Promise<void>>();

  async function restore(session: string): Promise<void> {
    const found = await broker.sessions.read(session);
    if (found === undefined || isEnded(found.record)) {
      throw new ScriptoriumError('cancelled', 'the transcription has ended');
    }
    log.warn('sound of a recording is lost, and decoded again', { sessionId: session });
    const { name, channels: how } = found.record.request;
    const path = broker.blobs.path(uploadKey(session));
    const audio = await decodeTo16k(broker.blobs.open(uploadKey(session)), {
      name,
      channels: how,
      ...(path === undefined ? {} : { path }),
      ...(ffmpeg === undefined ? {} : { ffmpeg }),
      ...(limits === undefined ? {} : { limits }),
    });
    try {
      const { channels, done } = splitChannels(audio.blocks, audio.channels);
      await Promise.all(
        channels.map(async (blocks, channel) => {
          for await (const stored of storedBlocks(blocks, channel, session, broker.audio)) {
            if (stored.length > 0) signal.throwIfAborted();
          }
        }),
      );
      await done;
    } finally {
      await audio.close();
    }
  }

  return (session) => {
    const begun = underWay.get(session) ?? restore(session).finally(() => underWay.delete(session));
    underWay.set(session, begun);
    return begun;
  };
}
