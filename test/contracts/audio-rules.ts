import { expect } from 'vitest';
import type { AudioStore } from '../../src/core/index.ts';
import { samples } from '../../src/core/index.ts';
import type { Rule } from './contract.ts';
import { port } from './contract.ts';

/** Samples that tell where they stand. */
const ramp = (from: number, to: number): Int16Array =>
  Int16Array.from({ length: to - from }, (_, index) => ((from + index) % 65_521) - 32_768);

const append = (audio: AudioStore, at: number, to: number, channel = 0) =>
  audio.append('session', channel, samples(at), ramp(at, to));

const range = (audio: AudioStore, from: number, to: number, channel = 0, session = 'session') =>
  audio.range({ session, channel, from: samples(from), to: samples(to) });

/** Comparing a million samples one by one takes seconds. */
const isSame = (one: Int16Array, other: Int16Array): boolean =>
  Buffer.from(one.buffer, one.byteOffset, one.byteLength).equals(
    Buffer.from(other.buffer, other.byteOffset, other.byteLength),
  );

const GONE = { code: 'audio-gone' };
/** Two and a half minutes: longer than what an adapter may keep in one piece. */
const LONG = 2_400_000;

/** Audio, written once and read by range. */
export const audioRules: readonly Rule[] = [
  {
    title: 'gives back any range of what was appended, to the sample, however long it grows',
    async check({ broker }) {
      const { audio } = broker();
      const step = 123_457;
      for (let at = 0; at < LONG; at += step) {
        const to = Math.min(LONG, at + step);
        expect(await append(audio, at, to)).toEqual({ end: to, duplicate: false });
      }
      for (const [from, to] of [
        [0, 1],
        [959_990, 960_010],
        [900_000, 2_000_000],
        [LONG - 7, LONG],
      ] as const) {
        expect(isSame(await range(audio, from, to), ramp(from, to))).toBe(true);
      }
      expect((await range(audio, 5, 5)).length).toBe(0);
    },
    broken: {
      how: 'is one sample late',
      breaking: port('audio', (audio) => ({
        range: ({ from, to, ...where }) => audio.range({ ...where, from: samples(Math.max(0, from - 1)), to }),
      })),
    },
  },
  {
    title: 'tells how far it reaches',
    async check({ broker }) {
      const { audio } = broker();
      expect(await audio.end('session', 0)).toBe(0);
      await append(audio, 0, 1000);
      await append(audio, 1000, 1500);
      await append(audio, 0, 10, 1);
      expect([await audio.end('session', 0), await audio.end('session', 1)]).toEqual([1500, 10]);
      await audio.trim('session', 0, samples(1200));
      expect(await audio.end('session', 0)).toBe(1500);
    },
    broken: {
      how: 'knows one channel only',
      breaking: port('audio', (audio) => ({ end: (session) => audio.end(session, 0) })),
    },
  },
  {
    title: 'writes each position once: a repeated or overlapping append changes nothing that is there',
    async check({ broker }) {
      const { audio } = broker();
      await append(audio, 0, 1000);
      const wrong = new Int16Array(1000);
      expect(await audio.append('session', 0, samples(0), wrong)).toEqual({ end: 1000, duplicate: true });
      expect(await append(audio, 600, 1500)).toEqual({ end: 1500, duplicate: false });
      expect(await Promise.all([append(audio, 1500, 1700), append(audio, 1500, 1700)])).toEqual([
        { end: 1700, duplicate: false },
        { end: 1700, duplicate: true },
      ]);
      expect(await range(audio, 0, 1700)).toEqual(ramp(0, 1700));
    },
    broken: {
      how: 'appends what comes',
      breaking: (broker) => {
        let end = 0;
        return port('audio', (audio) => ({
          append: async (session, channel, _at, pcm) => {
            const at = end;
            end += pcm.length;
            return audio.append(session, channel, samples(at), pcm);
          },
        }))(broker);
      },
    },
  },
  {
    title: 'refuses an append that would leave a hole, and says where the audio ends',
    async check({ broker }) {
      const { audio } = broker();
      await append(audio, 0, 100);
      await expect(append(audio, 101, 200)).rejects.toMatchObject({ code: 'audio-gap' });
      expect(await append(audio, 100, 200)).toEqual({ end: 200, duplicate: false });
      expect(await range(audio, 0, 200)).toEqual(ramp(0, 200));
    },
    broken: {
      how: 'fills holes with silence',
      breaking: port('audio', (audio) => ({
        append: async (session, channel, at, pcm) => {
          const { end } = await audio.append(session, channel, samples(0), new Int16Array(1));
          if (at > end) await audio.append(session, channel, end, new Int16Array(at - end));
          return audio.append(session, channel, at, pcm);
        },
      })),
    },
  },
  {
    title: 'says that audio is gone which was never there, and gives nothing in its place',
    async check({ broker }) {
      const { audio } = broker();
      await expect(range(audio, 0, 1)).rejects.toMatchObject(GONE);
      await append(audio, 0, 100);
      await expect(range(audio, 50, 101)).rejects.toMatchObject(GONE);
      await expect(range(audio, 0, 10, 1)).rejects.toMatchObject(GONE);
      await expect(range(audio, 0, 10, 0, 'other')).rejects.toMatchObject(GONE);
    },
    broken: {
      how: 'fills up with silence',
      breaking: port('audio', (audio) => ({
        range: (where) => audio.range(where).catch(() => new Int16Array(where.to - where.from)),
      })),
    },
  },
  {
    title: 'keeps channels and sessions apart',
    async check({ broker }) {
      const { audio } = broker();
      await append(audio, 0, 10, 0);
      await audio.append('session', 1, samples(0), Int16Array.of(1, 2, 3));
      await audio.append('other', 0, samples(0), Int16Array.of(4, 5));
      expect(await range(audio, 0, 3, 1)).toEqual(Int16Array.of(1, 2, 3));
      expect(await range(audio, 0, 2, 0, 'other')).toEqual(Int16Array.of(4, 5));
      await audio.drop('other');
      expect(await range(audio, 0, 10)).toEqual(ramp(0, 10));
    },
    broken: {
      how: 'has one channel',
      breaking: port('audio', (audio) => ({
        append: (session, _channel, at, pcm) => audio.append(session, 0, at, pcm),
      })),
    },
  },
  {
    title: 'forgets what is trimmed, and goes on behind it',
    async check({ broker }) {
      const { audio } = broker();
      await append(audio, 0, 2_000_000);
      await audio.trim('session', 0, samples(1_000_000));
      await audio.trim('session', 0, samples(10));
      await expect(range(audio, 0, 10)).rejects.toMatchObject(GONE);
      await expect(range(audio, 999_999, 1_000_100)).rejects.toMatchObject(GONE);
      expect(await range(audio, 1_000_000, 1_000_100)).toEqual(ramp(1_000_000, 1_000_100));
      expect(await append(audio, 2_000_000, 2_000_100)).toEqual({ end: 2_000_100, duplicate: false });
      expect(await append(audio, 0, 100)).toEqual({ end: 2_000_100, duplicate: true });
    },
    broken: { how: 'keeps all', breaking: port('audio', () => ({ trim: async () => {} })) },
  },
  {
    title: 'drops all channels of a session, which starts at 0 again',
    async check({ broker }) {
      const { audio } = broker();
      await append(audio, 0, 100, 0);
      await append(audio, 0, 100, 1);
      await audio.drop('session');
      await audio.drop('unknown');
      for (const channel of [0, 1]) await expect(range(audio, 0, 10, channel)).rejects.toMatchObject(GONE);
      await expect(append(audio, 100, 200)).rejects.toMatchObject({ code: 'audio-gap' });
      expect(await append(audio, 0, 50)).toEqual({ end: 50, duplicate: false });
      await expect(range(audio, 0, 100)).rejects.toMatchObject(GONE);
    },
    broken: {
      how: 'trims instead',
      breaking: port('audio', (audio) => ({
        drop: async (session) => {
          await audio.trim(session, 0, samples(100));
          await audio.trim(session, 1, samples(100));
        },
      })),
    },
  },
  {
    title: 'copies samples: neither what its sender nor what its reader does with them changes what is there',
    async check({ broker }) {
      const { audio } = broker();
      const pcm = ramp(0, 100);
      const appending = audio.append('session', 0, samples(0), pcm);
      pcm.fill(0);
      await appending;
      const first = await range(audio, 0, 100);
      expect(first).toEqual(ramp(0, 100));
      first.fill(0);
      expect(await range(audio, 0, 100)).toEqual(ramp(0, 100));
    },
    broken: {
      how: 'reads the samples later',
      breaking: port('audio', (audio) => ({
        append: async (session, channel, at, pcm) => {
          await Promise.resolve();
          return audio.append(session, channel, at, pcm);
        },
      })),
    },
  },
];
