/** One subtitle: integer milliseconds with `0 <= start < end`, clean lines, never empty. */
export interface Cue {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
}

/** What keeps subtitles readable; milliseconds, columns (a full-width character takes two) and columns a second. */
export interface SubtitleLimits {
  readonly maxLineWidth: number;
  readonly maxLineCount: number;
  readonly maxColumnsPerSecond: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** Kept free between two cues that follow each other closely, where both stay long enough. */
  readonly gapMs: number;
}

/**
 * Netflix's Timed Text Style Guide: 42 characters, 2 lines, 20 a second for adults, 5/6 s to 7 s, two frames (24 fps)
 * apart.
 */
export const SUBTITLE_LIMITS: SubtitleLimits = {
  maxLineWidth: 42,
  maxLineCount: 2,
  maxColumnsPerSecond: 20,
  minMs: 833,
  maxMs: 7000,
  gapMs: 83,
};

/** Languages that are set in full-width characters: 16 of them a line. */
const FULL_WIDTH_LANGUAGES = new Set(['zh', 'ja', 'ko', 'yue']);

/** The default line width of a language, in columns. */
export const defaultLineWidth = (language: string): number =>
  FULL_WIDTH_LANGUAGES.has(language) ? 32 : SUBTITLE_LIMITS.maxLineWidth;
