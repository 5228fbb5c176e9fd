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
  Word,
} from '../../core/index.ts';
import {
  FINAL_REVISION,
  LIVE_VERSION,
  endOfSaid,
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
  /** What was said shortly before it; may be empty. */
  readonly said: string;
  /** What was shown of it; undefined before its first partial. */
  readonly shown: OpenUtterance | undefined;
}

/**
 * Hear what is open of an utterance as far as it was spoken; takes the place of an earlier partial of it. The first is as urgent as a
 * final: there is little to hear, and it shows who speaks that they are heard. Of a busy server an engine does finals before it.
 */
export function partialJob(sound: UtteranceSound, revision: number): JobSpec<LiveJob> {
  const job = { ...jobOf(sound, 'partial', revision, windowOf(sound, PARTIAL_CONTEXT)), jobClass: 'partial' } as const;
  if (revision > 1) return job;
  const isBusy = sound.load !== 'normal';
  return urgent({ ...job, body: { ...job.body, options: { ...job.body.options, givesWay: isBusy } } });
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
  { session, tenant, utterance, from, to, spans, request, load, said, shown }: UtteranceSound,
  kind: LiveJob['kind'],
  revision: number,
  window?: OpenWindow,
): Omit<JobSpec<LiveJob>, 'jobClass'> {
  const start = window === undefined ? from : millisToSamples(window.from);
  const words = (shown?.words ?? []).slice(0, shown?.settled ?? 0);
  const kept = words.slice(0, window?.kept ?? 0);
  const quick = load === 'partials-none';
  // To read it takes a sixth of the time that a short utterance does, which a busy server has not.
  const before = load === 'normal' ? said : '';
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
      options: withSaid(withoutDraws(request.options, load), `${before} ${window?.said ?? ''}`.trim()),
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

/** A busy server tries a text that fails a guard with wider windows only: bolder draws, five more, keep all who speak waiting. */
const withoutDraws = (options: DecodeOptions, load: LoadStep): DecodeOptions =>
  load === 'normal' ? options : { ...options, temperatures: options.temperatures.slice(0, 1) };

/** The end of it as a prompt, behind the client's own: what goes on is heard and spelled as it began. */
function withSaid(options: DecodeOptions, said: string): DecodeOptions {
  return said === '' ? options : { ...options, prompt: [options.prompt ?? '', endOfSaid(said)].join(' ').trim() };
}
