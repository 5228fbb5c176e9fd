/** Realtime over a session that is made up: any order of speech, commits and updates, told to the dialect late. */
import type { LiveEvent } from '../../../../core/index.ts';
import type { DialectInput, DialectOutput } from '../../dialect.ts';
import { realtimeDialect } from '../realtime-dialect.ts';
import { ended, final, finalized, partial, speechEnd, speechStart } from './made-events.ts';
import { CLEAR, COMMIT, SECOND, STARTED, UPDATED, eventsOf, update } from './realtime-talk.ts';
import { commandsOf, opened } from './talk.ts';

export type Act = 'audio' | 'speak' | 'partial' | 'pause' | 'final' | 'commit' | 'clear' | 'hear' | 'manual' | 'vad';

export interface Run {
  readonly outputs: readonly DialectOutput[];
  readonly inputs: readonly DialectInput[];
  /** Texts of finals that the client did not throw away, in order. */
  readonly said: readonly string[];
}

/** Plays both sides: a client that does `acts`, and the session behind the dialect. */
export function play(acts: readonly Act[], model: string): Run {
  const log: LiveEvent[] = [];
  const inputs: DialectInput[] = [];
  const outputs: DialectOutput[] = [];
  const said: string[] = [];
  const cleared = new Set<number>();
  const waiting: { id: string; last: number }[] = [];
  let { initial: state } = realtimeDialect;
  let told = 0;
  let next = 0;
  let nextFinal = 0;
  let isOpen = false;
  let revision = 0;

  const textOf = (utterance: number): string =>
    utterance % 4 === 3 ? '' : `Word${utterance} ünd 👋 more ${utterance}.`;

  function feed(input: DialectInput): void {
    inputs.push(input);
    const step = realtimeDialect.step(state, input);
    ({ state } = step);
    outputs.push(...step.outputs);
    for (const command of commandsOf(step.outputs)) {
      if (command.type === 'update') feed(UPDATED);
      if (command.type === 'clear' && isOpen) cleared.add(next - 1);
      if (command.type === 'clear' || command.type === 'finalize') pause();
      if (command.type === 'finalize') waiting.push({ id: command.id, last: next - 1 });
      settle();
    }
  }
  function pause(): void {
    if (isOpen) log.push(speechEnd(next - 1));
    isOpen = false;
  }
  function settle(): void {
    while (waiting[0] !== undefined && waiting[0].last < nextFinal) {
      log.push(finalized(waiting[0].id, waiting[0].last));
      waiting.shift();
    }
  }
  function finish(): void {
    const last = isOpen ? next - 2 : next - 1;
    if (nextFinal > last) return;
    const isCleared = cleared.has(nextFinal);
    const text = isCleared ? '' : textOf(nextFinal);
    if (text !== '') said.push(text);
    log.push(final(nextFinal, text, isCleared ? 'cleared' : text === '' ? 'no-speech' : 'transcribed'));
    nextFinal++;
  }
  function hear(): void {
    const event = log[told];
    if (event === undefined) return;
    told++;
    feed({ type: 'event', seq: told, event });
  }

  const DO: Readonly<Record<Act, () => void>> = {
    audio: () => feed(SECOND),
    speak() {
      if (isOpen) return;
      isOpen = true;
      revision = 0;
      log.push(speechStart(next++));
    },
    partial() {
      if (!isOpen || textOf(next - 1) === '') return;
      revision++;
      log.push(partial(next - 1, revision, textOf(next - 1), Math.min(revision, 5)));
    },
    pause,
    // Two at once, as an aggregator that was behind writes them: `finalized` comes after both.
    final() {
      finish();
      finish();
      settle();
    },
    commit: () => feed(COMMIT),
    clear: () => feed(CLEAR),
    hear,
    manual: () => feed(update({ turn_detection: null })),
    vad: () => feed(update({ turn_detection: { type: 'server_vad' } })),
  };

  feed(opened(`model=${model}`));
  feed(STARTED);
  for (const act of acts) DO[act]();
  while (told < log.length) hear();
  feed(SECOND);
  feed(COMMIT);
  pause();
  while (nextFinal < next) finish();
  settle();
  log.push(ended());
  while (told < log.length) hear();
  return { outputs, inputs, said };
}

/** What is told against the order that every session has, and all transcripts together. */
export function examine(
  outputs: readonly DialectOutput[],
  isEarly: boolean,
): { readonly faults: readonly string[]; readonly transcript: string } {
  const deltas = new Map<string, string>();
  const committed: string[] = [];
  const over: string[] = [];
  const transcripts: string[] = [];
  const faults: string[] = [];
  const claim = (isSo: boolean, fault: string): void => {
    if (!isSo) faults.push(fault);
  };
  for (const event of eventsOf(outputs)) {
    if (event.type === 'input_audio_buffer.committed') {
      const { item_id: id, previous_item_id: previous } = event;
      claim(previous === (committed.at(-1) ?? null), `${id} is told to be behind ${String(previous)}`);
      claim(!committed.includes(id), `${id} is committed again`);
      committed.push(id);
    } else if (event.type === 'conversation.item.input_audio_transcription.delta') {
      const { item_id: id } = event;
      claim(!over.includes(id), `a delta behind the end of ${id}`);
      claim(isEarly || committed.includes(id), `a delta before the commit of ${id}`);
      claim(
        [...deltas.keys()].every((other) => over.includes(other) || other === id),
        `a delta of ${id} between others`,
      );
      deltas.set(id, (deltas.get(id) ?? '') + event.delta);
    } else if (event.type === 'conversation.item.input_audio_transcription.completed') {
      const { item_id: id, transcript } = event;
      claim(transcript === (deltas.get(id) ?? ''), `the deltas of ${id} are not its transcript`);
      over.push(id);
      if (transcript !== '') transcripts.push(transcript);
    } else if (event.type === 'conversation.item.input_audio_transcription.failed') over.push(event.item_id);
  }
  const ends = over.filter((id) => committed.includes(id));
  claim(ends.join(' ') === committed.join(' '), `committed ${committed.join(' ')}, and ended ${ends.join(' ')}`);
  claim(
    [...deltas.keys()].every((id) => over.includes(id)),
    'an item with deltas has no end',
  );
  claim(new Set(over).size === over.length, 'an item has two ends');
  return { faults, transcript: transcripts.join(' ') };
}
