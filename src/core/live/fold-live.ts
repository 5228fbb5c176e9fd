/** A live session as its events tell it: what gateway and aggregator both fold. */
import type { LoggedEvent } from '../ports/event-log.ts';
import type { Word } from '../transcript.ts';
import { samples, type Samples } from '../units.ts';
import type { HeardWhole, LiveEvent, LiveFigures, LiveLedger, UtteranceFate } from './live-event.ts';

/** An utterance without its final yet. */
export interface OpenUtterance {
  readonly utterance: number;
  readonly from: Samples;
  /** Where its sound ends, once that is decided. */
  readonly to?: Samples;
  /** Of the last partial; 0 before the first. */
  readonly revision: number;
  readonly text: string;
  /** Code points of `text`, and words of `words`, that never change. */
  readonly stable: number;
  readonly settled: number;
  readonly words: readonly Word[];
  /** How far the last partial heard. */
  readonly heard?: Samples;
  /** What a final would tell if speech ended there. */
  readonly whole?: HeardWhole | undefined;
}

/** In UTF-16 units: about fifty tokens, of the 223 that a decoder takes as earlier text. More helps no further. */
const SAID_CHARACTERS = 200;

/** As much of the end of what was said as helps a decoder with what follows, in whole words. */
export function endOfSaid(text: string): string {
  const end = text.slice(-SAID_CHARACTERS);
  return end === text ? end : end.slice(end.indexOf(' ') + 1);
}

/** The end of what was said, up to `to`. */
export interface Said {
  readonly text: string;
  readonly to: Samples;
}

/** The events up to number `seq`, summed up. */
export interface LiveView {
  readonly seq: number;
  /** Ascending; those behind the last final. */
  readonly open: readonly OpenUtterance[];
  /** The utterance whose final comes next. */
  readonly nextFinal: number;
  /** By what became of them. */
  readonly fates: Readonly<Record<UtteranceFate, Samples>>;
  readonly figures: Omit<LiveFigures, 'resumes'>;
  readonly language?: string;
  /** Where the sound of the last utterance that has ended ends. */
  readonly spokenTo: Samples;
  /** Undefined before the first final with text. */
  readonly said?: Said;
  /** How often it moved: what a gateway writes is refused once this is not what it was when it began. */
  readonly epoch: number;
  readonly ended: boolean;
}

type FinalEvent = Extract<LiveEvent, { type: 'final' }>;

export const NEW_LIVE_VIEW: LiveView = {
  seq: 0,
  open: [],
  nextFinal: 0,
  fates: { transcribed: samples(0), 'no-speech': samples(0), failed: samples(0), cleared: samples(0) },
  figures: { partials: 0, finals: 0, changedWords: 0, words: 0 },
  spokenTo: samples(0),
  epoch: 0,
  ended: false,
};

/** The view with the events behind its `seq`; those that it holds already are passed over. Pure. */
export function foldLive(view: LiveView, events: readonly LoggedEvent<LiveEvent>[]): LiveView {
  return events.reduce((before, { seq, event }) => (seq === before.seq + 1 ? fold(before, seq, event) : before), view);
}

function fold(before: LiveView, seq: number, event: LiveEvent): LiveView {
  const view = { ...before, seq };
  switch (event.type) {
    case 'started':
    case 'finalized':
    case 'load':
    case 'warning':
      return view;
    case 'moved':
      return { ...view, epoch: view.epoch + 1 };
    case 'speech-start': {
      const { utterance, at } = event;
      const opened = { utterance, from: at, revision: 0, text: '', stable: 0, settled: 0, words: [] };
      return { ...view, open: [...view.open, opened] };
    }
    case 'speech-end':
      return {
        ...withUtterance(view, event.utterance, (open) => ({ ...open, to: event.to })),
        spokenTo: event.to,
      };
    case 'language':
      return { ...view, language: event.language };
    case 'partial': {
      const { revision, text, stable, settled, words, to: heard, whole } = event;
      const earlier = view.open.find(({ utterance }) => utterance === event.utterance)?.words ?? [];
      const { figures } = view;
      return {
        ...withUtterance(view, event.utterance, (open) => ({
          ...open,
          revision,
          text,
          stable,
          settled,
          words,
          heard,
          whole,
        })),
        figures: {
          ...figures,
          partials: figures.partials + 1,
          changedWords: figures.changedWords + changed(earlier, words),
        },
      };
    }
    case 'final': {
      const earlier = view.open.find(({ utterance }) => utterance === event.utterance)?.words ?? [];
      const { figures, fates } = view;
      return {
        ...view,
        open: view.open.filter(({ utterance }) => utterance !== event.utterance),
        nextFinal: event.utterance + 1,
        ...(event.fate === 'transcribed' ? { said: saidAfter(view.said, event) } : {}),
        fates: { ...fates, [event.fate]: samples(fates[event.fate] + event.to - event.from) },
        figures: {
          ...figures,
          finals: figures.finals + 1,
          words: figures.words + event.words.length,
          changedWords: figures.changedWords + changed(earlier, event.words),
        },
      };
    }
    case 'ended':
      return { ...view, ended: true };
  }
}

function withUtterance(view: LiveView, utterance: number, change: (open: OpenUtterance) => OpenUtterance): LiveView {
  return { ...view, open: view.open.map((open) => (open.utterance === utterance ? change(open) : open)) };
}

const saidAfter = (before: Said | undefined, { text, to }: FinalEvent): Said => ({
  text: endOfSaid(`${before?.text ?? ''} ${text}`.trim()),
  to,
});

/** Words that were shown and are not there any more, or read otherwise. */
const changed = (before: readonly Word[], after: readonly Word[]): number =>
  before.filter(({ text }, index) => after[index]?.text !== text).length;

/**
 * Where the sound of a session went that has `received` so many samples, `gap` of which the client had dropped.
 * Whole only when no utterance is open.
 */
export function liveLedger({ fates }: LiveView, received: Samples, gap: Samples): LiveLedger {
  const { transcribed, failed, cleared } = fates;
  const suppressed = fates['no-speech'];
  return {
    received,
    transcribed,
    silence: samples(received - transcribed - suppressed - failed - cleared - gap),
    suppressed: { 'no-speech': suppressed },
    dropped: { failed, cleared, gap },
  };
}
