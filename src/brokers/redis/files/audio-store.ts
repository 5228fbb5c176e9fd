import type { AudioRange, AudioStore } from '../../../core/index.ts';
import { ScriptoriumError, samples } from '../../../core/index.ts';
import type { Link } from '../link/link.ts';
import { listOf, textOf, textsOf } from '../link/reply.ts';
import { checkedSession } from '../../names.ts';
import { APPEND_AUDIO, AUDIO_END, DROP_AUDIO, RANGE, SEGMENT_SAMPLES, TRIM } from '../scripts/audio.ts';
import { shardOfSession } from '../shards.ts';

export interface RedisAudio {
  readonly port: AudioStore;
  forget(session: string): Promise<void>;
}

const SAMPLE_BYTES = 2;
/** Sent at once: a longer piece keeps Redis from others for too long. */
const PIECE_SAMPLES = 4 * SEGMENT_SAMPLES;

const gone = ({ session, channel, from, to }: AudioRange): ScriptoriumError =>
  new ScriptoriumError('audio-gone', `samples ${from} to ${to} of channel ${channel} of ${session} are not there`);

/** Audio as little-endian 16 bits, in keys of five seconds. @param link of the Redis for audio, which may be one of its own. */
export function audioStore(link: Link, shards: number, checkOpen: () => void): RedisAudio {
  const shardOf = (session: string): number => shardOfSession(checkedSession(session), shards);
  /** Writes to a track follow each other, so that a long one is not torn by another. */
  const writing = new Map<string, Promise<unknown>>();

  const inTurn = async <T>(track: string, work: () => Promise<T>): Promise<T> => {
    const turn = (writing.get(track) ?? Promise.resolve()).then(work, work);
    const done: Promise<unknown> = turn.then(
      () => undefined,
      () => undefined,
    );
    writing.set(track, done);
    try {
      return await turn;
    } finally {
      if (writing.get(track) === done) writing.delete(track);
    }
  };

  const write = async (session: string, channel: number, at: number, bytes: Buffer) => {
    const shard = shardOf(session);
    let first: number | undefined;
    for (let sent = 0; ;) {
      const piece = bytes.subarray(sent, sent + PIECE_SAMPLES * SAMPLE_BYTES);
      const position = at + sent / SAMPLE_BYTES;
      const [status, before, end] = textsOf(await link.run(APPEND_AUDIO, shard, session, channel, position, piece));
      if (status === 'gap') {
        throw new ScriptoriumError('audio-gap', `audio is there up to sample ${end}, and ${position} was sent`);
      }
      first ??= Number(before);
      sent += piece.length;
      if (sent >= bytes.length) {
        return { end: samples(Number(end)), duplicate: bytes.length > 0 && Number(end) === first };
      }
    }
  };

  const forget = async (session: string): Promise<void> => {
    await link.run(DROP_AUDIO, shardOf(session), session);
  };

  return {
    port: {
      async append(session, channel, at, pcm) {
        checkOpen();
        checkedSession(session);
        const copy = Buffer.from(pcm.slice().buffer);
        return inTurn(`${session}/${channel}`, () => write(session, channel, at, copy));
      },
      async end(session, channel) {
        checkOpen();
        return samples(Number(textOf(await link.run(AUDIO_END, shardOf(session), session, channel))));
      },
      async range(range) {
        checkOpen();
        const { session, channel, from, to } = range;
        const answer = await link.runBytes(RANGE, shardOf(session), session, channel, from, to);
        if (answer === null) throw gone(range);
        const pcm = new Int16Array(Math.max(0, to - from));
        const bytes = new Uint8Array(pcm.buffer);
        let filled = 0;
        for (const piece of listOf(answer)) {
          if (!(piece instanceof Buffer)) throw gone(range);
          bytes.set(piece, filled);
          filled += piece.length;
        }
        if (filled !== bytes.length) throw gone(range);
        return pcm;
      },
      async trim(session, channel, before) {
        checkOpen();
        await link.run(TRIM, shardOf(session), session, channel, before);
      },
      async drop(session) {
        checkOpen();
        await forget(session);
      },
    },
    forget,
  };
}
