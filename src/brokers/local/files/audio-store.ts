import { mkdir, open, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { AudioRange, AudioStore, Samples } from '../../../core/index.ts';
import { ScriptoriumError, samples } from '../../../core/index.ts';
import { chunkWriters, type ChunkWriters } from './chunk-writers.ts';
import { checkedSession } from '../../names.ts';
import { storageError } from '../../storage-error.ts';
import type { World } from '../world.ts';
import { namesIn, removeAll, removeFolder } from '../../files.ts';

export interface LocalAudio {
  readonly port: AudioStore;
  /** Sessions that there is audio of. */
  sessions(): readonly string[];
  forget(session: string): Promise<void>;
  /** Closes what is open. */
  close(): Promise<void>;
}

/** One minute of 16 kHz: the piece in which audio is forgotten. */
const CHUNK_SAMPLES = 960_000;
const SAMPLE_BYTES = Int16Array.BYTES_PER_ELEMENT;
const EXTENSION = '.pcm';
/** Files that are kept open for what comes next. */
const MAX_OPEN = 256;

/** One channel of one session: samples from `from` to `end` are there, in files of a chunk each. */
interface Track {
  readonly folder: string;
  from: number;
  end: number;
  /** Its folder is there. */
  isMade: boolean;
  /** Writes follow each other. */
  writing: Promise<unknown>;
}

/**
 * Audio as files: little-endian 16 bits, as they come. Not synced, since it can be made again of the upload; a file that a power cut
 * left short ends the track there.
 *
 * @param maxBytes of all audio together.
 */
export async function audioStore(
  folder: string,
  maxBytes: number,
  { checkOpen, checkSpace }: Pick<World, 'checkOpen' | 'checkSpace'>,
): Promise<LocalAudio> {
  const tracks = new Map<string, Map<number, Track>>();
  /** What is written to a session anew waits until its earlier audio is gone. */
  const dropping = new Map<string, Promise<void>>();
  const writers = chunkWriters(MAX_OPEN);
  let bytes = 0;
  const disk = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw storageError(error, folder);
    });

  const trackOf = (session: string, channel: number): Track => {
    checkedSession(session);
    const channels = tracks.get(session) ?? new Map<number, Track>();
    tracks.set(session, channels);
    const found = channels.get(channel);
    if (found !== undefined) return found;
    const track: Track = {
      folder: join(folder, session, String(channel)),
      from: 0,
      end: 0,
      isMade: false,
      writing: dropping.get(session) ?? Promise.resolve(),
    };
    channels.set(channel, track);
    return track;
  };

  const inTurn = <T>(track: Track, work: () => Promise<T>): Promise<T> => {
    const turn = track.writing.then(work);
    track.writing = turn.catch(() => {});
    return turn;
  };

  /** Takes up the files of an earlier process. */
  const load = async (): Promise<void> => {
    for (const session of await namesIn(folder)) {
      for (const channel of await namesIn(join(folder, session))) {
        const track = trackOf(session, Number(channel));
        const names = await namesIn(track.folder);
        const chunks = names.map((name) => Number(name.slice(0, -EXTENSION.length))).sort((a, b) => a - b);
        track.from = (chunks[0] ?? 0) * CHUNK_SAMPLES;
        track.end = track.from;
        for (const chunk of chunks) {
          if (track.end !== chunk * CHUNK_SAMPLES) {
            await removeAll(chunkPath(track, chunk));
            continue;
          }
          const { size } = await stat(chunkPath(track, chunk));
          const whole = Math.floor(size / SAMPLE_BYTES);
          if (whole * SAMPLE_BYTES !== size) await truncate(chunkPath(track, chunk), whole * SAMPLE_BYTES);
          track.end += whole;
        }
        bytes += (track.end - track.from) * SAMPLE_BYTES;
      }
    }
  };

  const write = async (track: Track, at: number, pcm: Int16Array): Promise<{ end: Samples; duplicate: boolean }> => {
    if (at > track.end) {
      throw gapBefore(at, track.end);
    }
    const news = pcm.subarray(track.end - at);
    if (news.length === 0) return { end: samples(track.end), duplicate: pcm.length > 0 };
    if (bytes + news.byteLength > maxBytes) {
      throw new ScriptoriumError('storage-full', `audio under way has reached its limit of ${maxBytes} bytes`);
    }
    await checkSpace();
    if (!track.isMade) await mkdir(track.folder, { recursive: true });
    track.isMade = true;
    for (let done = 0; done < news.length;) {
      const room = CHUNK_SAMPLES - (track.end % CHUNK_SAMPLES);
      const piece = news.subarray(done, done + room);
      await writePiece(track, piece, writers);
      track.end += piece.length;
      bytes += piece.byteLength;
      done += piece.length;
    }
    return { end: samples(track.end), duplicate: false };
  };

  const drop = async (session: string): Promise<void> => {
    // One that failed is tried again.
    if (!tracks.has(session) && !dropping.has(session)) return;
    const channels = [...(tracks.get(session)?.values() ?? [])];
    tracks.delete(session);
    const work = (async () => {
      await Promise.all(channels.map(({ writing }) => writing));
      for (const track of channels) {
        bytes -= (track.end - track.from) * SAMPLE_BYTES;
        await writers.release(chunkPath(track, chunkOf(track.end)));
      }
      await removeFolder(join(folder, session));
    })();
    const dropped = work.catch(() => {});
    dropping.set(session, dropped);
    await work;
    if (dropping.get(session) === dropped) dropping.delete(session);
  };

  await load();
  return {
    port: {
      async append(session, channel, at, pcm) {
        checkOpen();
        const copy = pcm.slice();
        const track = trackOf(session, channel);
        return disk(inTurn(track, () => write(track, at, copy)));
      },
      async end(session, channel) {
        checkOpen();
        checkedSession(session);
        return samples(tracks.get(session)?.get(channel)?.end ?? 0);
      },
      async range(range) {
        checkOpen();
        checkedSession(range.session);
        const track = tracks.get(range.session)?.get(range.channel);
        if (track === undefined || range.from < track.from || range.to > track.end) throw goneFrom(range);
        return disk(readRange(track, range));
      },
      async trim(session, channel, before) {
        checkOpen();
        const track = tracks.get(session)?.get(channel);
        if (track === undefined) return;
        await disk(
          inTurn(track, async () => {
            const from = Math.min(before, track.end);
            if (from <= track.from) return;
            const first = Math.floor(track.from / CHUNK_SAMPLES);
            const kept = Math.floor(from / CHUNK_SAMPLES);
            for (let chunk = first; chunk < kept; chunk++) {
              await writers.release(chunkPath(track, chunk));
              await removeAll(chunkPath(track, chunk));
            }
            bytes -= (from - track.from) * SAMPLE_BYTES;
            track.from = from;
          }),
        );
      },
      async drop(session) {
        checkOpen();
        checkedSession(session);
        await disk(drop(session));
      },
    },
    sessions: () => [...tracks.keys()],
    forget: drop,
    close: () => writers.close(),
  };
}

const chunkOf = (sample: number): number => Math.floor(sample / CHUNK_SAMPLES);

const chunkPath = (track: Track, chunk: number): string => join(track.folder, `${chunk}${EXTENSION}`);

export const gapBefore = (at: number, end: number): ScriptoriumError =>
  new ScriptoriumError('audio-gap', `audio is there up to sample ${end}, and ${at} was sent`);

export const goneFrom = ({ session, channel, from, to }: AudioRange): ScriptoriumError =>
  new ScriptoriumError('audio-gone', `samples ${from} to ${to} of channel ${channel} of ${session} are not there`);

/** Writes behind the track's end; all of it in one chunk. The file of a chunk that is full is closed. */
async function writePiece(track: Track, piece: Int16Array, writers: ChunkWriters): Promise<void> {
  const path = chunkPath(track, chunkOf(track.end));
  const offset = track.end % CHUNK_SAMPLES;
  const view = new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
  await writers.write(path, view, offset * SAMPLE_BYTES);
  if (offset + piece.length === CHUNK_SAMPLES) await writers.release(path);
}

async function readRange(track: Track, range: AudioRange): Promise<Int16Array> {
  const pcm = new Int16Array(Math.max(0, range.to - range.from));
  const view = new Uint8Array(pcm.buffer);
  for (let at: number = range.from; at < range.to;) {
    const chunk = Math.floor(at / CHUNK_SAMPLES);
    const until = Math.min(range.to, (chunk + 1) * CHUNK_SAMPLES);
    const length = (until - at) * SAMPLE_BYTES;
    const handle = await open(chunkPath(track, chunk), 'r').catch((cause: unknown) => {
      throw new ScriptoriumError('audio-gone', goneFrom(range).message, { cause });
    });
    try {
      const offset = (at - range.from) * SAMPLE_BYTES;
      const position = (at - chunk * CHUNK_SAMPLES) * SAMPLE_BYTES;
      const { bytesRead } = await handle.read(view, offset, length, position);
      if (bytesRead !== length) throw goneFrom(range);
    } finally {
      await handle.close();
    }
    at = until;
  }
  return pcm;
}
