import type {
  CommittedOutcome,
  HeardOutcome,
  HeldFinal,
  JobOutcome,
  LiveEvent,
  LiveRecord,
  LiveView,
  Millis,
  OpenUtterance,
  Samples,
  UtteranceFate,
  Word,
} from '../../core/index.ts';
import { FINAL_REVISION, foldLive, millis, samplesToMillis, stableText, utteranceOfSlot } from '../../core/index.ts';
import { cleanText, finalText, settle } from '../../transcript/index.ts';

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
  let { view, held } = before;

  function tell(event: LiveEvent, at: Millis): void {
    events.push(event);
    view = foldLive(view, [{ seq: view.seq + 1, at, event }]);
  }

  function takePartial(open: OpenUtterance, revision: number, heard: HeardOutcome | undefined, at: Millis): void {
    if (open.to !== undefined || revision <= open.revision) return;
    const shown = (heard === undefined ? undefined : hear(open, heard)) ?? open;
    const { text, stable, settled, words } = shown;
    const { utterance, from } = open;
    tell({ type: 'partial', utterance, revision, from, to: heard?.to ?? from, text, stable, settled, words }, at);
  }

  /** Tells the finals that wait for none before them. */
  function release(at: Millis): void {
    for (;;) {
      const open = view.open.find(({ utterance }) => utterance === view.nextFinal);
      const first = held.find(({ utterance }) => utterance === view.nextFinal);
      // Its end is told first.
      if (open?.to === undefined || first === undefined) return;
      held = held.filter((one) => one !== first);
      for (const event of finalEvents(view, open, open.to, first)) tell(event, at);
    }
  }

  for (const { outcome, slot, revision, at } of outcomes) {
    const utterance = utteranceOfSlot(slot);
    if (utterance === undefined || view.ended || utterance < view.nextFinal) continue;
    const open = view.open.find((one) => one.utterance === utterance);
    const heard = outcome.type === 'heard' ? outcome : undefined;
    if (revision < FINAL_REVISION) {
      if (open !== undefined) takePartial(open, revision, heard, at);
    } else if (!held.some((one) => one.utterance === utterance)) {
      held = [...held, heard ?? { type: 'failed', utterance }];
      release(at);
    }
  }
  return { record: { ...before, view, held }, events };
}

/** A partial that goes round in circles, or hears nothing, shows nothing: the next comes soon. Doubtful words may be shown; they don't settle. */
const CIRCLES: ReadonlySet<string> = new Set(['loop', 'repetition']);
function hear(open: OpenUtterance, { result, from }: HeardOutcome): ReturnType<typeof settle> {
  if (result.words === undefined || result.words.length === 0 || result.retries.some((reason) => CIRCLES.has(reason)))
    return undefined;
  return settle(open, { text: result.text, words: placed(result.words, from) });
}

function finalEvents(view: LiveView, open: OpenUtterance, to: Samples, held: HeldFinal): readonly LiveEvent[] {
  const { utterance, from } = open;
  if (held.type === 'failed') {
    const words = open.words.slice(0, open.settled);
    const told = { text: stableText(open), words, tokens: words.flatMap(({ tokens }) => tokens) };
    const unheard = { language: view.language ?? 'en', avgLogprob: 0, noSpeechProbability: 0 };
    return [{ type: 'final', utterance, from, to, fate: 'failed', ...told, ...unheard }];
  }
  const { result } = held;
  const text = finalText(open, result.text);
  const fate: UtteranceFate = text === '' ? 'no-speech' : 'transcribed';
  const { language, avgLogprob, noSpeechProbability } = result;
  const isHeard = text === cleanText(result.text);
  const words = isHeard ? placed(result.words ?? [], held.from) : open.words.slice(0, open.settled);
  const tokens = isHeard ? result.tokens : words.flatMap((word) => word.tokens);
  const change: LiveEvent[] =
    text === '' || language === view.language
      ? []
      : [{ type: 'language', language, probability: result.languageProbability }];
  const facts = { text, words, language, avgLogprob, noSpeechProbability, tokens };
  return [...change, { type: 'final', utterance, from, to, fate, ...facts }];
}

/** Words with times from the session's start. */
function placed(words: readonly Word[], from: Samples): readonly Word[] {
  const offset = samplesToMillis(from);
  return words.map((word) => ({ ...word, start: millis(offset + word.start), end: millis(offset + word.end) }));
}
