import { partialWindow, type PartialWindow } from '../../transcript/index.ts';
import type {
  DecodeOptions,
  JobSpec,
  LiveJob,
  LiveRequest,
  OpenUtterance,
  Samples,
  SpeechSpan,
  Word,
} from '../../core/index.ts';
import {
  FINAL_REVISION,
  LIVE_VERSION,
  earlySlot,
  millisToSamples,
  samples,
  samplesToMillis,
  saidOf,
  stableText,
  utteranceSlot,
} from '../../core/index.ts';

/** What jobs of one utterance are made of. */
export interface UtteranceSound {
  readonly session: string;
  readonly tenant: string;
  readonly utterance: number;
  readonly from: Samples;
  readonly to: Samples;
  /** In samples from `from`. */
  readonly spans: readonly SpeechSpan[];
  readonly request: LiveRequest;
  /** Whether the server can't keep up: see `LiveJob.quick`. */
  readonly quick: boolean;
  /** What was said shortly before; undefined for nothing. */
  readonly said: string | undefined;
  /** What was shown of it; undefined before its first partial. */
  readonly shown: OpenUtterance | undefined;
}

/** Hear what is open of an utterance as far as it was spoken; takes the place of an earlier partial of it. */
export function partialJob(sound: UtteranceSound, revision: number): JobSpec<LiveJob> {
  const { shown, from } = sound;
  const window = shown === undefined ? undefined : partialWindow(shown, samplesToMillis(from));
  return { ...jobOf(sound, 'partial', revision, window), jobClass: 'partial' };
}

/** Hear an utterance that has come to a pause, which may be its end; as urgent as a final. */
export const earlyJob = (sound: UtteranceSound, revision: number): JobSpec<LiveJob> => ({
  ...jobOf(sound, 'early', revision),
  slot: earlySlot(sound.utterance, revision),
  jobClass: 'final',
});

/**
 * Hear the whole utterance; nobody needs its partials any more.
 *
 * @param anew 0 for the one job that it normally takes, however often it is put; another number for another job, with a slot of its own.
 */
export function finalJob(sound: UtteranceSound, anew: number): JobSpec<LiveJob> {
  const job = { ...jobOf(sound, 'final', FINAL_REVISION), jobClass: 'final' } as const;
  if (anew === 0) return job;
  return { ...job, id: `${job.id}/${anew}`, slot: earlySlot(sound.utterance, FINAL_REVISION + anew) };
}

/** @param window what is heard; the whole utterance unless given. */
function jobOf(
  { session, tenant, utterance, from, to, spans, request, quick, said, shown }: UtteranceSound,
  kind: LiveJob['kind'],
  revision: number,
  window?: PartialWindow,
): Omit<JobSpec<LiveJob>, 'jobClass'> {
  const start = window === undefined ? from : millisToSamples(window.from);
  const before = window === undefined ? said : saidOf(window.said);
  const words = (shown?.words ?? []).slice(0, shown?.settled ?? 0);
  const kept = words.slice(0, window?.kept ?? 0);
  const speech = spans
    .map((span) => ({
      start: samples(Math.max(0, span.start + from - start)),
      end: samples(Math.min(span.end + from, to) - start),
    }))
    .filter((span) => span.start < span.end);
  return {
    id: `${session}/${utterance}/${kind === 'final' ? kind : revision}`,
    session,
    tenant,
    slot: utteranceSlot(utterance),
    revision,
    supersedeKey: `${session}/${utterance}`,
    body: {
      v: LIVE_VERSION,
      type: 'live',
      kind,
      session,
      utterance,
      revision,
      from: start,
      to,
      speech,
      model: request.model,
      // The first text is to come soon: of little sound the decoder takes earlier text for what it hears, and nothing is shown.
      options: kind === 'partial' && (shown?.text ?? '') === '' ? request.options : withSaid(request.options, before),
      quick,
      settled: {
        text: shown === undefined ? '' : stableText(shown),
        tokens: tokensOf(words.slice(kept.length)),
        ...(window === undefined ? {} : { kept: { words: kept.length, tokens: tokensOf(kept).length } }),
      },
    },
  };
}

const tokensOf = (words: readonly Word[]): readonly number[] => words.flatMap(({ tokens }) => tokens);

/** As a prompt, behind the client's own: what goes on is heard and spelled as it began. */
function withSaid(options: DecodeOptions, said: string | undefined): DecodeOptions {
  return said === undefined ? options : { ...options, prompt: [options.prompt ?? '', said].join(' ').trim() };
}
