/** Which utterance belongs to which item, and when an item is committed. */
import type { LiveEvent } from '../../../core/index.ts';
import { samplesToMillis, type Samples } from '../../../core/index.ts';
import type { RealtimeTold } from '../../../protocol/index.ts';
import { lengthOf, turnDetection } from './realtime-config.ts';
import {
  committedTold,
  heard,
  itemHeard,
  newItem,
  newUtterance,
  type HeardUtterance,
  type RealtimeItem,
} from './realtime-items.ts';
import { nameItem, type PendingCommit, type RealtimeState } from './realtime-state.ts';

type State = RealtimeState;
type EventOf<Type extends LiveEvent['type']> = Extract<LiveEvent, { type: Type }>;

/** A state, and what is told before the texts that it makes ready. */
export interface Turned {
  readonly state: State;
  readonly told: readonly RealtimeTold[];
}

const wireMillis = (position: Samples): number => Math.max(0, Math.floor(samplesToMillis(position)));
const isPendingTurn = ({ kind }: PendingCommit): boolean => kind === 'turn';

/** The turn that is not committed, as the last item; made when there is none. */
export function withTurn(state: State): State {
  const last = state.items.at(-1);
  if (last !== undefined && last.kind === 'turn' && !last.isCommitted && !last.isCleared) return state;
  const named = nameItem(state);
  return { ...named.state, items: [...named.state.items, newItem(named.id, 'turn')] };
}

const changeItem = (state: State, id: string, change: (item: RealtimeItem) => RealtimeItem): State => ({
  ...state,
  items: state.items.map((item) => (item.id === id ? change(item) : item)),
});

const add = (item: RealtimeItem, utterances: readonly HeardUtterance[]): RealtimeItem => ({
  ...item,
  utterances: [...item.utterances, ...utterances].toSorted((a, b) => a.utterance - b.utterance),
});

/** The item is in the conversation from now on. */
function commitItem(state: State, id: string, change: (item: RealtimeItem) => RealtimeItem): Turned {
  const committed = changeItem(state, id, (item) => ({ ...change(item), isCommitted: true }));
  return { state: { ...committed, previous: id }, told: committedTold(id, state.previous) };
}

/** The turn under way is over: all that was appended is one item. @param finalize the id under which its end will be told. */
export function commitTurn(state: State, finalize: string): Turned {
  const begun = withTurn(state);
  const { id } = begun.items.at(-1) ?? newItem('', 'turn');
  const seconds = lengthOf(state.buffered, state.config.format) / 1000;
  const { state: next, told } = commitItem(begun, id, (item) => ({ ...item, seconds }));
  const pending = [...next.pending, { kind: 'turn', id: finalize, item: id } as const];
  return { state: { ...next, pending, buffered: 0 }, told };
}

/** Turns are the client's from now on: what is being spoken is in the one that it will commit. */
export const takeTurns = (state: State): State => ({
  ...state,
  items: state.items.map((item) => (item.isCommitted || item.isCleared ? item : { ...item, kind: 'turn' })),
});

/** What was appended and not committed is not wanted. */
export function clearTurns(state: State): Turned {
  const items = state.items.map((item) => (item.isCommitted ? item : { ...item, isCleared: true }));
  const loose = state.loose.map((one) => ({ ...one, isCleared: true }));
  return { state: { ...state, items, loose, buffered: 0 }, told: [{ type: 'input_audio_buffer.cleared' }] };
}

export function speechStart(state: State, { utterance, at }: EventOf<'speech-start'>): Turned {
  const one = newUtterance(utterance);
  if (turnDetection(state.config) !== null) {
    const { state: named, id } = nameItem(state);
    const items = [...named.items, add(newItem(id, 'speech'), [one])];
    const started = { type: 'input_audio_buffer.speech_started', audio_start_ms: wireMillis(at), item_id: id } as const;
    return { state: { ...named, items }, told: [started] };
  }
  if (state.pending.some(isPendingTurn)) {
    return { state: { ...state, loose: [...state.loose, { ...one, isCleared: false }] }, told: [] };
  }
  const begun = withTurn(state);
  return { state: changeItem(begun, begun.items.at(-1)?.id ?? '', (item) => add(item, [one])), told: [] };
}

export function speechEnd(state: State, { utterance, at }: EventOf<'speech-end'>): Turned {
  const pending = state.pending.map((one) => (one.kind === 'cut' ? { ...one, heardEnd: true } : one));
  const next = { ...state, pending };
  const found = state.items.find((item) => item.kind === 'speech' && item.utterances[0]?.utterance === utterance);
  if (found === undefined) return { state: next, told: [] };
  const { id, isCleared } = found;
  const stopped = { type: 'input_audio_buffer.speech_stopped', audio_end_ms: wireMillis(at), item_id: id } as const;
  if (isCleared) return { state: next, told: [stopped] };
  const committed = commitItem(next, id, (item) => item);
  return { state: committed.state, told: [stopped, ...committed.told] };
}

export const textHeard = (state: State, event: EventOf<'partial'> | EventOf<'final'>): State => ({
  ...state,
  items: state.items.map((item) => itemHeard(item, event)),
  loose: state.loose.map((one) => ({ ...heard(one, event), isCleared: one.isCleared })),
});

/** What a commit waited for is there; what was loose goes to its turn, or to the one that is not committed. */
export function finalized(
  state: State,
  { id, last }: EventOf<'finalized'>,
): Turned & { readonly commit?: PendingCommit } {
  const commit = state.pending.find((one) => one.id === id);
  if (commit === undefined) return { state, told: [] };
  const pending = state.pending.filter((one) => one.id !== id);
  if (commit.kind === 'cut') return { state: { ...state, pending }, told: [], commit };
  const mine = state.loose.filter(({ utterance }) => utterance <= last);
  const later = state.loose.filter(({ utterance }) => utterance > last);
  const done = changeItem({ ...state, pending, loose: later }, commit.item, (item) => ({
    ...add(item, mine),
    isFinalized: true,
  }));
  if (later.length === 0 || pending.some(isPendingTurn)) return { state: done, told: [], commit };
  const begun = withTurn({ ...done, loose: [] });
  const wanted = later.filter(({ isCleared }) => !isCleared);
  return { state: changeItem(begun, begun.items.at(-1)?.id ?? '', (item) => add(item, wanted)), told: [], commit };
}

/** The session is over: a turn that was not committed is, as it stands. */
export function closeTurns(state: State): Turned {
  const last = state.items.at(-1);
  const isOpen = last !== undefined && last.kind === 'turn' && !last.isCommitted && !last.isCleared;
  const hasText = isOpen && last.utterances.some(({ text }) => text !== '');
  const { state: next, told } = hasText ? commitItem(state, last.id, (item) => item) : { state, told: [] };
  return { state: { ...next, items: next.items.map((item) => ({ ...item, isFinalized: true })) }, told };
}
