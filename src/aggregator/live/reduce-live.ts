import type {
  CommittedOutcome,
  HeardOutcome,
  HeardWhole,
  HeldFinal,
  JobOutcome,
  LiveEvent,
  LiveRecord,
  LiveView,
  Millis,
  OpenUtterance,
  Samples,
  Word,
} from '../../core/index.ts';
import {
  FINAL_REVISION,
  finalEvents,
  foldLive,
  millis,
  samplesToMillis,
  stableText,
  utteranceOfSlot,
} from '../../core/index.ts';
import { finalOf, settle, withKept, type SpelledWords } from '../../transcript/index.ts';

export interface ReducedLive {
  /** With the events folded in, and the finals that wait for others. */
  readonly record: LiveRecord;
  /** To be appended behind the `seq` of the view that was given. */
  readonly events: readonly LiveEvent[];
}

/**
 * What outcomes make of a live session. Pure, and finals are the same whatever order they come in and however often: they are
 * told in the order of their utterances, each once. A partial is told as long as its utterance is being spoken, and its
 * settled words only grow.
 */
export function reduceLive(before: LiveRecord, outcomes: readonly CommittedOutcome<JobOutcome>[]): ReducedLive {
  const events: LiveEvent[] = [];
  let { view } = before;
  let held = before.held.filter(({ utterance }) => utterance >= view.nextFinal);

  function tell(event: LiveEvent, at: Millis): void {
    events.push(event);
    view = foldLive(view, [{ seq: view.seq + 1, at, event }]);
  }

  function takePartial(open: OpenUtterance, revision: number, heard: HeardOutcome | undefined, at: Millis): void {
    if (open.to !== undefined || revision <= open.revision) return;
    const fresh = heard === undefined ? undefined : hear(open, heard);
    const { text, stable, settled, words } = fresh ?? open;
    const { utterance, from } = open;
    const shown = { utterance, revision, from, to: heard?.to ?? from, text, stable, settled, words };
    const isWhole = heard?.kind === 'early';
    tell({ type: 'partial', ...shown, ...(isWhole ? { whole: wholeOf(open, heard) } : {}) }, at);
  }

  function takeFinal(final: HeldFinal, at: Millis): void {
    if (held.some((one) => one.utterance === final.utterance)) return;
    held = [...held, final];
    release(at);
  }

  /** Tells the finals that wait for none before them. */
  function release(at: Millis): void {
    for (;;) {
      const open = view.open.find(({ utterance }) => utterance === view.nextFinal);
      const first = held.find(({ utterance }) => utterance === view.nextFinal);
      // Its end is told first.
      if (open?.to === undefined || first === undefined) return;
      held = held.filter((one) => one !== first);
      const place = { ...open, to: open.to };
      const told =
        first.type === 'failed' ? [failedFinal(view, open, open.to)] : finalEvents(view, place, wholeOf(open, first));
      for (const event of told) tell(event, at);
    }
  }

  // What was before them may have been told by another meanwhile.
  release(outcomes[0]?.at ?? millis(0));
  for (const { outcome, slot, revision, at } of outcomes) {
    const utterance = utteranceOfSlot(slot);
    if (utterance === undefined || view.ended || utterance < view.nextFinal) continue;
    const open = view.open.find((one) => one.utterance === utterance);
    const heard = outcome.type === 'heard' ? outcome : undefined;
    // An early one that comes when its pause has turned out to be the end is what the final would be.
    const isFinal = revision >= FINAL_REVISION || (heard?.kind === 'early' && heard.to === open?.to);
    if (isFinal) takeFinal(heard ?? { type: 'failed', utterance }, at);
    else if (open !== undefined) takePartial(open, revision, heard, at);
  }
  return { record: { ...before, view, held }, events };
}

/**
 * A partial that goes round in circles, or hears nothing, shows nothing: the next comes soon. Only where nothing is shown yet what
 * came before the circles is better than that. Doubtful words may be shown; they don't settle.
 */
const CIRCLES: ReadonlySet<string> = new Set(['loop', 'repetition']);
function hear(open: OpenUtterance, heard: HeardOutcome): ReturnType<typeof settle> {
  const { kind, result, to } = heard;
  if (result.words === undefined || result.words.length === 0) return undefined;
  // An early one was tried again until it held.
  if (kind === 'partial' && open.text !== '' && result.retries.some((reason) => CIRCLES.has(reason))) return undefined;
  return settle(open, wordsOf(open, heard), samplesToMillis(to));
}

/** All words of an utterance, those before what was heard included. */
function wordsOf(open: OpenUtterance, { result, from, kept = 0 }: HeardOutcome): SpelledWords {
  const heard = { text: result.text, words: placed(result.words ?? [], from) };
  return kept === 0 ? heard : withKept(open, kept, heard);
}

/** What was heard of an utterance as its final tells it: what is settled stays. */
function wholeOf(open: OpenUtterance, outcome: HeardOutcome): HeardWhole {
  const { result, kept = 0 } = outcome;
  const { language, languageProbability, avgLogprob, noSpeechProbability } = result;
  const heard = wordsOf(open, outcome);
  const { text, words } = finalOf(open, heard);
  const tokens = kept === 0 && words === heard.words ? result.tokens : words.flatMap((word) => word.tokens);
  return { text, words, tokens, language, languageProbability, avgLogprob, noSpeechProbability };
}

/** Nobody will hear it: what is settled of it stands. */
function failedFinal({ language = 'en' }: LiveView, open: OpenUtterance, to: Samples): LiveEvent {
  const { utterance, from } = open;
  const words = open.words.slice(0, open.settled);
  const told = { text: stableText(open), words, tokens: words.flatMap(({ tokens }) => tokens), language };
  return { type: 'final', utterance, from, to, fate: 'failed', ...told, avgLogprob: 0, noSpeechProbability: 0 };
}

/** Words with times from the session's start. */
function placed(words: readonly Word[], from: Samples): readonly Word[] {
  const offset = samplesToMillis(from);
  return words.map((word) => ({ ...word, start: millis(offset + word.start), end: millis(offset + word.end) }));
}
