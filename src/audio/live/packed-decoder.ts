import { asScriptoriumError, toPcm16 } from '../../core/index.ts';
import { decodeTo16k } from '../decode/decode-to-16k.ts';
import type { LiveDecoder } from './live-decoder.ts';

/** What messages call it: it has no name of its own. */
const NAME = 'the stream';

/**
 * Decodes a container as it comes, with the decoders of files: they pull, so a push hands over its bytes and waits until
 * the decoder asks for more.
 *
 * ```
 * starving ──push──▶ fed ──it asks for more──▶ starving
 *    └──end──▶ draining ──it has given all──▶ done          any ──it fails──▶ failed
 * ```
 */
export function packedDecoder(): LiveDecoder {
  let waiting: Uint8Array | undefined;
  let isOver = false;
  let feed = (): void => {};
  /** Resolves when the decoder asks for more, or ends. */
  let idle = Promise.resolve();
  let becomeIdle = (): void => {};
  let failure: unknown;
  let hasMore = false;
  let samples: Int16Array[] = [];

  function work(): void {
    idle = new Promise((resolve) => {
      becomeIdle = resolve;
    });
  }

  async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      if (waiting !== undefined) {
        const bytes = waiting;
        waiting = undefined;
        yield bytes;
      } else if (isOver) return;
      else {
        const fed = new Promise<void>((resolve) => {
          feed = resolve;
        });
        becomeIdle();
        await fed;
      }
    }
  }

  async function decode(): Promise<void> {
    try {
      const audio = await decodeTo16k(source(), {
        name: NAME,
        channels: 'mix',
        isLive: true,
        onWarning({ kind }) {
          hasMore ||= kind === 'surplus';
        },
      });
      for await (const [block] of audio.blocks) if (block !== undefined) samples.push(toPcm16(block));
    } catch (error) {
      failure = asScriptoriumError(error, 'audio-damaged');
    }
    isOver = true;
    becomeIdle();
  }
  work();
  const decoding = decode();

  async function given(): Promise<Int16Array> {
    await idle;
    if (failure !== undefined) throw failure;
    const all = new Int16Array(samples.reduce((sum, { length }) => sum + length, 0));
    samples.reduce((at, piece) => {
      all.set(piece, at);
      return at + piece.length;
    }, 0);
    samples = [];
    return all;
  }

  return {
    async push(bytes) {
      await idle;
      if (!isOver && bytes.length > 0) {
        waiting = new Uint8Array(bytes);
        work();
        feed();
      }
      return given();
    },
    async end() {
      await idle;
      if (!isOver) {
        isOver = true;
        work();
        feed();
      }
      return given();
    },
    hasMore: () => hasMore,
    async close() {
      isOver = true;
      feed();
      await decoding;
    },
  };
}
