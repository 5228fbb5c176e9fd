import { openWindow, type OpenWindow } from '../../transcript/index.ts';
import type {
  DecodeOptions,
  JobSpec,
  LiveJob,
  LiveRequest,
  LoadStep,
  Millis,
  OpenUtterance,
  Samples,
  SpeechSpan,
  EarlierWords,
  Word,
} from '../../core/index.ts';
import {
  FINAL_REVISION,
  LIVE_VERSION,
  earlySlot,
  millis,
  millisToSamples,
  samples,
  samplesToMillis,
  stableText,
  utteranceSlot,
} from '../../core/index.ts';

/** Settled sound that is heard again, so that what is open is heard in its context. */
const PARTIAL_CONTEXT = millis(3000);
const FINAL_CONTEXT = millis(5000);

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
  /** How busy the server is. */
  readonly load: LoadStep;
  /** What was said shortly before and is heard with it, where there is time for that. */
  readonly earlier: EarlierWords | undefined;
  /** What was shown of it; undefined before its first partial. */
  readonly shown: OpenUtterance | undefined;
}

/**
 * Hear what is open of an utterance as far as it was spoken; takes the place of an earlier partial of it. The first is as urgent as a
 * final: there is little to hear, and it shows who speaks that they are heard.
 */
export function partialJob(sound: UtteranceSound, revision: number): JobSpec<LiveJob> {
  const job = { ...jobOf(sound, 'partial', revision, windowOf(sound, PARTIAL_CONTEXT)), jobClass: 'partial' } as const;
  return revision === 1 ? urgent(job) : job;
}

/** Hear an utterance that has come to a pause, which may be its end; as urgent as a final. */
export const earlyJob = (sound: UtteranceSound, revision: number): JobSpec<LiveJob> =>
  urgent(jobOf(sound, 'early', revision, finalWindow(sound)));

/** A slot takes nothing behind an outcome of this class, so it has one of its own. */
const urgent = (job: Omit<JobSpec<LiveJob>, 'jobClass'>): JobSpec<LiveJob> => ({
  ...job,
  slot: earlySlot(job.body.utterance, job.revision),
  jobClass: 'final',
});

/**
 * Hear an utterance that has ended; nobody needs its partials any more.
 *
 * @param anew 0 for the one job that it normally takes, however often it is put; another number for another job, with a slot of its own.
 */
export function finalJob(sound: UtteranceSound, anew: number): JobSpec<LiveJob> {
  const job = { ...jobOf(sound, 'final', FINAL_REVISION, finalWindow(sound)), jobClass: 'final' } as const;
  if (anew === 0) return job;
  return { ...job, id: `${job.id}/${anew}`, slot: earlySlot(sound.utterance, FINAL_REVISION + anew) };
}

function windowOf({ shown, from }: UtteranceSound, context: Millis): OpenWindow | undefined {
  return shown === undefined ? undefined : openWindow(shown, samplesToMillis(from), context);
}

/** As long as there is time for it the whole is heard: its words are better. */
const finalWindow = (sound: UtteranceSound): OpenWindow | undefined =>
  sound.load === 'partials-none' ? windowOf(sound, FINAL_CONTEXT) : undefined;

/** @param window what is heard; the whole utterance unless given. */
function jobOf(
  { session, tenant, utterance, from, to, spans, request, load, earlier, shown }: UtteranceSound,
  kind: LiveJob['kind'],
  revision: number,
  window?: OpenWindow,
): Omit<JobSpec<LiveJob>, 'jobClass'> {
  const start = window === undefined ? from : millisToSamples(window.from);
  const words = (shown?.words ?? []).slice(0, shown?.settled ?? 0);
  const isWhole = kind !== 'partial' && window === undefined;
  const kept = words.slice(0, window?.kept ?? 0);
  const quick = load === 'partials-none';
  // A final is not made to begin with the settled words.
  const guess = tokensOf((shown?.words ?? []).slice(kind === 'partial' ? words.length : kept.length));
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
      ...(isWhole && earlier !== undefined ? { earlier } : {}),
      options: window === undefined ? request.options : withSaid(request.options, window.said),
      quick,
      settled: {
        text: shown === undefined ? '' : stableText(shown),
        tokens: tokensOf(words.slice(kept.length)),
        ...(window === undefined ? {} : { kept: { words: kept.length, tokens: tokensOf(kept).length } }),
      },
      ...((kind === 'partial' || quick) && guess.length > 0 ? { guess } : {}),
    },
  };
}

const tokensOf = (words: readonly Word[]): readonly number[] => words.flatMap(({ tokens }) => tokens);

/** In UTF-16 units: about fifty tokens, of the 223 that a decoder takes as earlier text. More helped no further. */
const SAID_CHARACTERS = 200;

/** The end of it as a prompt, behind the client's own: what goes on is heard and spelled as it began. */
function withSaid(options: DecodeOptions, said: string): DecodeOptions {
  const end = said.slice(-SAID_CHARACTERS);
  const whole = end === said ? end : end.slice(end.indexOf(' ') + 1);
  return { ...options, prompt: [options.prompt ?? '', whole].join(' ').trim() };
}
