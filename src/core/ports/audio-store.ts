/** The audio store port: 16 kHz samples of what is being transcribed, written once and read by range. */
import type { Samples } from '../units.ts';

export interface AudioRange {
  readonly session: string;
  readonly channel: number;
  readonly from: Samples;
  /** First sample that is not wanted. */
  readonly to: Samples;
}

export interface AudioStore {
  /**
   * Writes samples at a position of a channel. Idempotent by position: what is there already is not written again, so a sender
   * that isn't sure sends once more.
   *
   * @param pcm mono, 16 kHz, 16 bits; copied.
   * @returns `end`: first sample not yet there; `duplicate`: all of `pcm` was there before.
   * @throws ScriptoriumError `audio-gap` when `at` is behind the end; `storage-full` at the store's limit or on a full disk.
   */
  append(
    session: string,
    channel: number,
    at: Samples,
    pcm: Int16Array,
  ): Promise<{ readonly end: Samples; readonly duplicate: boolean }>;
  /** First sample not yet there; 0 when nothing was written. */
  end(session: string, channel: number): Promise<Samples>;
  /**
   * @returns `to - from` samples; the caller's own copy.
   * @throws ScriptoriumError `audio-gone` when any of them was trimmed, dropped, lost or never written.
   */
  range(range: AudioRange): Promise<Int16Array>;
  /** Samples before a position may be forgotten: reading them fails from now on. */
  trim(session: string, channel: number, before: Samples): Promise<void>;
  /** Forgets all channels of a session; nothing of them is left on the disk. */
  drop(session: string): Promise<void>;
}
