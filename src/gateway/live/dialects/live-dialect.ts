import type { ErrorCode, LiveEvent, Millis } from '../../../core/index.ts';
import { ScriptoriumError, millis } from '../../../core/index.ts';
import {
  CLOSE_DONE,
  closeCodeOf,
  readLiveClientMessage,
  type LiveClientMessage,
  type LiveServerMessage,
} from '../../../protocol/index.ts';
import type { Dialect, DialectInput, DialectOutput, DialectStep, LiveFacts } from '../dialect.ts';
import { frameBytes } from '../gap-length.ts';
import { askedByStart, askedByUpdate } from './live-asked.ts';
import { eventMessage } from './live-messages.ts';
import { NEW_LIVE_STATE, type LiveDialectState } from './live-state.ts';
import { close, command, step, tryRead } from './outputs.ts';

type State = LiveDialectState;
type Step = DialectStep<State>;

/** One gap at most; silence is stored for it. */
const MAX_GAP = millis(30 * 60 * 1000);
const STARTED_SEQ = 1;
/** What a session that is under way outlives. */
const HARMLESS: readonly ErrorCode[] = ['audio-buffer-empty', 'language-unsupported', 'model-missing'];

/** `stt.live.v1`: a log number is a `seq`, and each event is one message. @see LiveDialectState */
export const liveDialect: Dialect<State> = {
  initial: NEW_LIVE_STATE,
  step(state, input) {
    if (state.phase === 'closed') return step(state);
    switch (input.type) {
      case 'open':
        return step(state);
      case 'text':
        return textStep(state, input.text);
      case 'binary':
        return audioStep(state, input.bytes);
      case 'started':
        // Told before anything else is; the log's own, which is the first event of every session, comes a little later.
        return eventStep({ ...state, phase: 'live', facts: input.facts }, STARTED_SEQ, { type: 'started' });
      case 'updated':
        return step({ ...state, facts: input.facts });
      case 'resumed':
        return resumedStep(state, input);
      case 'ack': {
        const { received, safe, credit } = input;
        return step(state, send({ type: 'ack', received, safe, credit }));
      }
      case 'event':
        return eventStep(state, input.seq, input.event);
      case 'failed':
        return failedStep(state, input.error, input.retryAfter);
      case 'draining':
        return step(state, send({ type: 'draining', deadline_ms: input.deadline }));
      case 'degraded':
        return step(state, send({ type: 'degraded', active: input.active }));
    }
  },
};

const send = (message: LiveServerMessage): DialectOutput => ({ type: 'send', message });

function failedStep(state: State, error: ScriptoriumError, retryAfter?: Millis): Step {
  const isOpen = state.phase === 'live' || state.phase === 'ending';
  const fatal = !(isOpen && HARMLESS.includes(error.code));
  const told = send({
    type: 'error',
    code: error.code,
    message: error.message,
    fatal,
    ...(retryAfter === undefined ? {} : { retry_after_ms: retryAfter }),
  });
  if (!fatal) return step(state, told);
  return step({ ...state, phase: 'closed' }, told, close(closeCodeOf(error.code), error.message));
}

const refuse = (state: State, message: string): Step =>
  failedStep(state, new ScriptoriumError('request-invalid', message));

function audioStep(state: State, bytes: Uint8Array): Step {
  if (state.phase !== 'live') return refuse(state, `audio ${misplaced(state)}`);
  return bytes.length === 0 ? step(state) : step(state, command({ type: 'audio', bytes }));
}

function textStep(state: State, text: string): Step {
  const read = tryRead(() => readLiveClientMessage(text));
  return 'error' in read ? failedStep(state, read.error) : messageStep(state, read.value);
}

function messageStep(state: State, message: LiveClientMessage): Step {
  const { phase } = state;
  switch (message.type) {
    case 'ping':
      return step(state, send({ type: 'pong', ...(message.id === undefined ? {} : { id: message.id }) }));
    case 'ack':
      return phase === 'new' ? refuse(state, `ack ${misplaced(state)}`) : step(state);
    case 'start':
    case 'resume':
    case 'watch':
      return phase === 'new' ? firstStep(state, message) : refuse(state, `${message.type} after the first message`);
    case 'end':
      if (phase === 'ending') return step(state);
      if (phase !== 'live') return refuse(state, `end ${misplaced(state)}`);
      return step({ ...state, phase: 'ending' }, command({ type: 'end' }));
    case 'gap':
    case 'finalize':
    case 'update':
      return phase === 'live' ? workStep(state, message) : refuse(state, `${message.type} ${misplaced(state)}`);
  }
}

function misplaced({ phase }: State): string {
  if (phase === 'watching') return 'from one who only watches';
  return phase === 'ending' ? 'after end' : 'before start or resume';
}

function firstStep(state: State, message: Extract<LiveClientMessage, { type: 'start' | 'resume' | 'watch' }>): Step {
  const asking = { ...state, phase: 'asking', watches: message.type === 'watch' } as const;
  switch (message.type) {
    case 'start':
      return step(asking, command({ type: 'start', asked: askedByStart(message) }));
    case 'resume': {
      const { session_id: session, resume_token: token, last_seq: after } = message;
      return step(asking, command({ type: 'resume', session, token, after }));
    }
    case 'watch': {
      const { session_id: session, view_token: token, last_seq: after } = message;
      return step(asking, command({ type: 'watch', session, token, after }));
    }
  }
}

function workStep(state: State, message: Extract<LiveClientMessage, { type: 'gap' | 'finalize' | 'update' }>): Step {
  switch (message.type) {
    case 'gap':
      if (isTooLong(message.bytes, state.facts)) return refuse(state, `a gap of more than ${MAX_GAP / 60_000} minutes`);
      return step(state, command({ type: 'gap', bytes: message.bytes }));
    case 'finalize':
      return step(state, command({ type: 'finalize', id: message.id }));
    case 'update':
      return step(state, command({ type: 'update', asked: askedByUpdate(message) }));
  }
}

function isTooLong(bytes: number, facts: LiveFacts | undefined): boolean {
  const frame = facts === undefined ? undefined : frameBytes(facts.audio);
  return frame !== undefined && facts !== undefined && (bytes / frame / facts.audio.sampleRate) * 1000 > MAX_GAP;
}

function resumedStep(state: State, { facts, received, after }: Extract<DialectInput, { type: 'resumed' }>): Step {
  return step(
    { ...state, phase: state.watches ? 'watching' : 'live', facts, seq: after },
    send({ type: 'resumed', received, from_seq: after + 1 }),
  );
}

function eventStep(state: State, seq: number, event: LiveEvent): Step {
  const { facts } = state;
  // Numbers go up only; what came before is told already.
  if (facts === undefined || seq <= state.seq) return step(state);
  const skipped = seq > state.seq + 1 ? [send({ type: 'skip', from: state.seq + 1, to: seq - 1 })] : [];
  const told = send(eventMessage(seq, event, facts));
  const next = { ...state, seq };
  if (event.type !== 'ended') return step(next, ...skipped, told);
  return step({ ...next, phase: 'closed' }, ...skipped, told, close(CLOSE_DONE, event.reason));
}
