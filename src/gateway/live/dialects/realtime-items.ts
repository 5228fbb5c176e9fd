/**
 * Items of a Realtime session and their texts. They are told in order, each to its end before the next: deltas of one never come
 * between those of another, and together they are its transcript to the letter.
 */
import type { LiveEvent } from '../../../core/index.ts';
import { SAMPLE_RATE } from '../../../core/index.ts';
import type { RealtimeTold } from '../../../protocol/index.ts';

type Final = Extract<LiveEvent, { type: 'final' }>;
type Partial = Extract<LiveEvent, { type: 'partial' }>;

/** An utterance as far as it is known. */
export interface HeardUtterance {
  readonly utterance: number;
  /** What will not change. */
  readonly text: string;
  /** What of it was told. */
  readonly shown: string;
  /** Undefined before its final. */
  readonly fate: Final['fate'] | undefined;
}

export interface RealtimeItem {
  readonly id: string;
  /** `speech`: one utterance. `turn`: all between two commits. */
  readonly kind: 'speech' | 'turn';
  readonly utterances: readonly HeardUtterance[];
  /** Of a turn: all that was said in it has its finals. */
  readonly isFinalized: boolean;
  readonly isCommitted: boolean;
  /** The client threw it away. */
  readonly isCleared: boolean;
  /** All deltas together. */
  readonly told: string;
  readonly seconds: number;
}

export const newItem = (id: string, kind: RealtimeItem['kind']): RealtimeItem => ({
  id,
  kind,
  utterances: [],
  isFinalized: false,
  isCommitted: false,
  isCleared: false,
  told: '',
  seconds: 0,
});

export const newUtterance = (utterance: number): HeardUtterance => ({
  utterance,
  text: '',
  shown: '',
  fate: undefined,
});

/** The utterance with what an event tells of it. */
export function heard(one: HeardUtterance, event: Partial | Final): HeardUtterance {
  if (one.utterance !== event.utterance || one.fate !== undefined) return one;
  if (event.type === 'final') return { ...one, text: event.text.trim(), fate: event.fate };
  const settled = Array.from(event.text).slice(0, event.stable).join('').trim();
  return settled.length < one.text.length ? one : { ...one, text: settled };
}

/** The item with what an event tells of its utterances. */
export const itemHeard = (item: RealtimeItem, event: Partial | Final): RealtimeItem => ({
  ...item,
  utterances: item.utterances.map((one) => heard(one, event)),
  seconds:
    event.type === 'final' && item.kind === 'speech' && item.utterances[0]?.utterance === event.utterance
      ? (event.to - event.from) / SAMPLE_RATE
      : item.seconds,
});

/**
 * What may be told of the items now, and the items that are not at their end.
 *
 * @param early whether text is told before its item is committed.
 */
export function tellItems(
  items: readonly RealtimeItem[],
  early: boolean,
): { readonly items: readonly RealtimeItem[]; readonly told: readonly RealtimeTold[] } {
  const told: RealtimeTold[] = [];
  for (const [index, item] of items.entries()) {
    const next = item.isCommitted || (early && !item.isCleared) ? tellText(item, told) : item;
    if (!isWhole(next)) return { items: [next, ...items.slice(index + 1)], told };
    told.push(...endOf(next));
  }
  return { items: [], told };
}

const isWhole = ({ kind, utterances, isFinalized, isCommitted, isCleared }: RealtimeItem): boolean => {
  const isFinal = utterances.every(({ fate }) => fate !== undefined);
  if (isCleared) return kind === 'turn' || isFinal;
  return isCommitted && isFinal && (kind === 'speech' || isFinalized);
};

/** The item with all of its text told that is settled: whole utterances, and what is settled of the first that is not final. */
function tellText(item: RealtimeItem, told: RealtimeTold[]): RealtimeItem {
  let text = item.told;
  let isOpen = false;
  const utterances = item.utterances.map((one) => {
    if (isOpen) return one;
    isOpen = one.fate === undefined;
    const more = moreOf(one);
    if (more === '') return one;
    text += (one.shown === '' && text !== '' ? ' ' : '') + more;
    return { ...one, shown: one.shown + more };
  });
  if (text === item.told) return item;
  told.push({
    type: 'conversation.item.input_audio_transcription.delta',
    item_id: item.id,
    content_index: 0,
    delta: text.slice(item.told.length),
  });
  return { ...item, utterances, told: text };
}

/** What was told is never taken back: should a text begin otherwise, it goes on behind as many characters as were told. */
const moreOf = ({ text, shown }: HeardUtterance): string =>
  text.startsWith(shown) ? text.slice(shown.length) : Array.from(text).slice(Array.from(shown).length).join('');

/** The one event that ends an item; none for what was thrown away before anything was told of its text. */
function endOf(item: RealtimeItem): readonly RealtimeTold[] {
  const { id, kind, utterances, isCommitted, isCleared, told, seconds } = item;
  if (!isCommitted && told === '') return [];
  const fates = utterances.map(({ fate }) => fate);
  if (isCleared || (kind === 'speech' && fates.includes('cleared'))) {
    return [failed(id, 'input_audio_buffer_cleared', 'The audio was cleared before it was transcribed.')];
  }
  if (fates.includes('failed')) {
    return [failed(id, 'transcription_failed', 'A part of this audio could not be transcribed.')];
  }
  return [
    {
      type: 'conversation.item.input_audio_transcription.completed',
      item_id: id,
      content_index: 0,
      transcript: told,
      usage: { type: 'duration', seconds: Math.ceil(seconds) },
    },
  ];
}

const failed = (id: string, code: string, message: string): RealtimeTold => ({
  type: 'conversation.item.input_audio_transcription.failed',
  item_id: id,
  content_index: 0,
  error: { type: 'server_error', code, message, param: null },
});

/** What is told when an item is committed. */
export function committedTold(id: string, previous: string | null): readonly RealtimeTold[] {
  const item = {
    id,
    object: 'realtime.item',
    type: 'message',
    status: 'completed',
    role: 'user',
    content: [{ type: 'input_audio', transcript: null }],
  } as const;
  return [
    { type: 'input_audio_buffer.committed', previous_item_id: previous, item_id: id },
    { type: 'conversation.item.added', previous_item_id: previous, item: { ...item, content: [item.content[0]] } },
    { type: 'conversation.item.done', previous_item_id: previous, item: { ...item, content: [item.content[0]] } },
  ];
}
