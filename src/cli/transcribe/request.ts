import { basename } from 'node:path';
import { FORMATS, type FormatName, type FormatOptions, type TranscribeRequest } from '../../app/index.ts';
import { temperatures, type Config } from '../../config/index.ts';

/** What the engine is asked for; word times where a document or the person wants them. */
export function requestFor(config: Config, formats: readonly FormatName[]): TranscribeRequest {
  const subtitles = formats.includes('srt') || formats.includes('vtt');
  const sentences = !config.timestamps && formats.some((format) => FORMATS[format].wantsWords);
  return {
    language: config.language,
    task: config.task,
    beamSize: config.beamSize,
    temperatures: temperatures(config),
    lengthPenalty: config.lengthPenalty,
    compressionRatioThreshold: config.compressionRatioThreshold,
    logprobThreshold: config.logprobThreshold,
    noSpeechThreshold: config.noSpeechThreshold,
    ...(config.prompt === undefined ? {} : { prompt: config.prompt }),
    keywords: config.keywords,
    words:
      config.words ||
      subtitles ||
      sentences ||
      (config.keywords.length > 0 && (config.json || formats.includes('native'))),
    timestamps: config.timestamps,
    previousText: config.previousText,
    channels: config.channels,
    suppressSymbols: config.suppressSymbols,
    seed: config.seed,
  };
}

/** How documents are written. */
export const formatOptions = (config: Config, recording: string): FormatOptions => ({
  title: basename(recording),
  words: config.words,
  keywords: config.keywords,
  subtitles: { kind: 'readable', maxLineWidth: config.maxLineWidth, maxLineCount: config.maxLineCount },
});
