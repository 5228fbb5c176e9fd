import type { AudioStore } from '../../../core/index.ts';
import { samples } from '../../../core/index.ts';
import { checkedSession } from '../../names.ts';
import type { World } from '../world.ts';
import { gapBefore, goneFrom, type LocalAudio } from './audio-store.ts';

/** In samples. */
export interface HeldAudioBounds {
  readonly track: number;
  /** Of all tracks together. */
  readonly total: number;
}

/**
 * One channel of one session:
 *
 *   memory ── grows too long, or all of them do ──▶ moving ── its file is written ──▶ files
 *     ▲                                               │
 *     └───────────────── the write fails ─────────────┘
 *
 * and from each of them, when it is dropped, to gone: what is sent anew is another track.
 */
interface Track {
  pieces: Int16Array[];
  from: number;
  end: number;
  where: 'memory' | 'files' | 'gone';
  moving?: Promise<void>;
}

/**
 * Audio that is short and can be made again is held in memory: its files would cost more than all else that a short recording
 * needs of the disk. What grows longer goes to the files.
 *
 * @param mayHold whether a session's audio may be lost with the process.
 */
export function heldAudio(
  files: LocalAudio,
  { checkOpen }: Pick<World, 'checkOpen'>,
  bounds: HeldAudioBounds,
  mayHold: (session: string) => boolean,
): LocalAudio {
  const sessions = new Map<string, Map<number, Track>>();
  /** What is done to the files of a session, one after the other. */
  const turns = new Map<string, Promise<void>>();
  let held = 0;

  const inTurn = (session: string, work: () => Promise<void>): Promise<void> => {
    const turn = (turns.get(session) ?? Promise.resolve()).then(work);
    const over = turn
      .catch(() => undefined)
      .finally(() => {
        if (turns.get(session) === over) turns.delete(session);
      });
    turns.set(session, over);
    return turn;
  };

  /** Undefined when all of it is in the files. */
  const heldTrack = (session: string, channel: number): Track | undefined => {
    const track = sessions.get(checkedSession(session))?.get(channel);
    return track?.where === 'memory' ? track : undefined;
  };

  const openTrack = (session: string, channel: number): Track | undefined => {
    const channels = sessions.get(checkedSession(session)) ?? (mayHold(session) ? new Map<number, Track>() : undefined);
    if (channels === undefined) return undefined;
    sessions.set(session, channels);
    const track = channels.get(channel) ?? { pieces: [], from: 0, end: 0, where: 'memory' };
    channels.set(channel, track);
    return track.where === 'memory' ? track : undefined;
  };

  const move = (session: string, channel: number, track: Track): Promise<void> =>
    inTurn(session, async () => {
      if (track.where === 'gone') return;
      const pcm = piecesOf(track, 0, track.end);
      await files.port.append(session, channel, samples(0), pcm);
      if (track.from > 0) await files.port.trim(session, channel, samples(track.from));
      letGo(track, 'files');
    }).finally(() => delete track.moving);

  const letGo = (track: Track, where: 'files' | 'gone'): void => {
    held -= track.pieces.reduce((sum, { length }) => sum + length, 0);
    track.pieces = [];
    track.where = track.where === 'gone' ? 'gone' : where;
  };

  /** Goes on with what was sent before a track was moved, unless it was dropped meanwhile: then it was sent before that too. */
  const goOn = (track: Track, ...sent: Parameters<AudioStore['append']>): ReturnType<AudioStore['append']> => {
    const [, , at, pcm] = sent;
    if (track.where !== 'gone') return append(...sent);
    return Promise.resolve({ end: samples(at + pcm.length), duplicate: false });
  };

  const append: AudioStore['append'] = async (session, channel, at, pcm) => {
    checkOpen();
    const track = openTrack(session, channel);
    if (track === undefined) return files.port.append(session, channel, at, pcm);
    if (track.moving !== undefined) {
      const copy = pcm.slice();
      await track.moving;
      return goOn(track, session, channel, at, copy);
    }
    if (at > track.end) throw gapBefore(at, track.end);
    const news = pcm.slice(track.end - at);
    if (news.length === 0) return { end: samples(track.end), duplicate: pcm.length > 0 };
    if (track.end + news.length > bounds.track || held + news.length > bounds.total) {
      const copy = pcm.slice();
      await (track.moving = move(session, channel, track));
      return goOn(track, session, channel, at, copy);
    }
    track.pieces.push(news);
    track.end += news.length;
    held += news.length;
    return { end: samples(track.end), duplicate: false };
  };

  const drop = async (session: string): Promise<void> => {
    const tracks = sessions.get(session);
    if (tracks === undefined && !turns.has(session)) return files.forget(session);
    for (const track of tracks?.values() ?? []) letGo(track, 'gone');
    sessions.delete(session);
    await inTurn(session, () => files.forget(session));
  };

  return {
    port: {
      append,
      async end(session, channel) {
        checkOpen();
        const track = heldTrack(session, channel);
        return track === undefined ? files.port.end(session, channel) : samples(track.end);
      },
      async range(range) {
        checkOpen();
        const track = heldTrack(range.session, range.channel);
        if (track === undefined) return files.port.range(range);
        if (range.from < track.from || range.to > track.end) throw goneFrom(range);
        return piecesOf(track, range.from, range.to);
      },
      async trim(session, channel, before) {
        checkOpen();
        const track = heldTrack(session, channel);
        await track?.moving?.catch(() => undefined);
        if (track?.where !== 'memory') return files.port.trim(session, channel, before);
        track.from = Math.max(track.from, Math.min(before, track.end));
      },
      async drop(session) {
        checkOpen();
        await drop(checkedSession(session));
      },
    },
    sessions: () => [...new Set([...sessions.keys(), ...files.sessions()])],
    forget: drop,
    close: () => files.close(),
  };
}

function piecesOf({ pieces }: Track, from: number, to: number): Int16Array {
  const out = new Int16Array(Math.max(0, to - from));
  let start = 0;
  for (const piece of pieces) {
    const part = piece.subarray(Math.max(0, from - start), Math.max(0, to - start));
    if (part.length > 0) out.set(part, Math.max(0, start - from));
    start += piece.length;
  }
  return out;
}
