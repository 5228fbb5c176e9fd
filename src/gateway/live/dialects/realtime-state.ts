import { betaTold, type RealtimeTold } from '../../../protocol/index.ts';
import type { DialectOutput, LiveFacts } from '../dialect.ts';
import { firstConfig, shortId, type RealtimeConfig } from './realtime-config.ts';
import type { HeardUtterance, RealtimeItem } from './realtime-items.ts';

/** A commit whose `finalized` has not come. */
export type PendingCommit =
  | { readonly kind: 'turn'; readonly id: string; readonly item: string }
  /** With server VAD: it ends the utterance under way, if there is one. */
  | { readonly kind: 'cut'; readonly id: string; readonly eventId: string | undefined; readonly heardEnd: boolean };

/**
 * One socket of Realtime transcription.
 *
 * ```
 * new ──open──▶ starting ──started──▶ open ──ended, an error that ends it──▶ closed
 * ```
 */
export interface RealtimeState {
  readonly phase: 'new' | 'starting' | 'open' | 'closed';
  readonly facts: LiveFacts | undefined;
  /** Whether events have the names that they had in OpenAI's beta. */
  readonly isBeta: boolean;
  readonly config: RealtimeConfig;
  /** What `session.update` asked for, while the session looks at it. */
  readonly asked: { readonly config: RealtimeConfig; readonly eventId: string | undefined } | undefined;
  /** Events and items that were named. */
  readonly events: number;
  readonly named: number;
  readonly commits: number;
  /** Not at their end, in order; a turn that is not committed yet is the last. */
  readonly items: readonly RealtimeItem[];
  /** Heard in a turn or the next: the `finalized` under way will say. `isCleared`: if it is the next, it was thrown away. */
  readonly loose: readonly (HeardUtterance & { readonly isCleared: boolean })[];
  readonly pending: readonly PendingCommit[];
  /** The item that was committed last. */
  readonly previous: string | null;
  /** Bytes that were appended and neither committed nor cleared. */
  readonly buffered: number;
}

export const NEW_REALTIME_STATE: RealtimeState = {
  phase: 'new',
  facts: undefined,
  isBeta: false,
  config: firstConfig(null),
  asked: undefined,
  events: 0,
  named: 0,
  commits: 0,
  items: [],
  loose: [],
  pending: [],
  previous: null,
  buffered: 0,
};

/** Messages with their ids, which count on in the state. */
export function tell(
  state: RealtimeState,
  told: readonly RealtimeTold[],
): { readonly state: RealtimeState; readonly outputs: readonly DialectOutput[] } {
  const session = state.facts === undefined ? 'none' : shortId(state.facts.session);
  const messages: readonly Readonly<Record<string, unknown>>[] = state.isBeta ? told.flatMap(betaTold) : told;
  const outputs = messages.map((message, index): DialectOutput => ({
    type: 'send',
    message: { event_id: `event_${session}_${state.events + index}`, ...message },
  }));
  return { state: { ...state, events: state.events + outputs.length }, outputs };
}

/** The id of the next item: the same whenever the same session is told. */
export function nameItem(state: RealtimeState): { readonly state: RealtimeState; readonly id: string } {
  const session = state.facts === undefined ? 'none' : shortId(state.facts.session);
  return { state: { ...state, named: state.named + 1 }, id: `item_${session}_${state.named}` };
}
