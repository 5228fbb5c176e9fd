import type { ErrorCode, LiveEvent } from '../../../core/index.ts';
import { ScriptoriumError } from '../../../core/index.ts';
import {
  CLOSE_DONE,
  MAX_APPEND_BYTES,
  asksBeta,
  closeCodeOf,
  openAiError,
  readRealtimeEvent,
  type RealtimeClientEvent,
  type RealtimeTold,
} from '../../../protocol/index.ts';
import type { Dialect, DialectInput, DialectOutput, DialectStep } from '../dialect.ts';
import { close, command, tryRead } from './outputs.ts';
import { decodeBase64 } from './decode-base64.ts';
import {
  askedByConfig,
  firstConfig,
  lengthOf,
  sessionOf,
  showsEarly,
  turnDetection,
  withAsk,
} from './realtime-config.ts';
import { tellItems } from './realtime-items.ts';
import { NEW_REALTIME_STATE, tell, type RealtimeState } from './realtime-state.ts';
import {
  clearTurns,
  closeTurns,
  commitTurn,
  finalized,
  speechEnd,
  speechStart,
  takeTurns,
  textHeard,
  type Turned,
} from './realtime-turns.ts';

type State = RealtimeState;
type Step = DialectStep<State>;

/** What a session that is under way outlives: it is told, and nothing else. */
const HARMLESS: readonly ErrorCode[] = [
  'audio-buffer-empty',
  'language-unsupported',
  'model-missing',
  'request-invalid',
];
/** Less than this is no turn (OpenAI's bound). */
const MIN_COMMIT_MS = 100;

/** OpenAI's Realtime transcription, in its GA names and order. @see RealtimeState */
export const realtimeDialect: Dialect<State> = {
  initial: NEW_REALTIME_STATE,
  step(state, input) {
    if (state.phase === 'closed') return { state, outputs: [] };
    switch (input.type) {
      case 'open': {
        const config = withAsk(firstConfig(input.query.get('model')), input.session ?? {});
        return {
          state: { ...state, phase: 'starting', config, isBeta: asksBeta(input) },
          outputs: [command({ type: 'start', asked: askedByConfig(config) })],
        };
      }
      case 'text':
        return textStep(state, input.text);
      case 'binary':
        return refuse(state, undefined, 'Audio is sent as base64 in input_audio_buffer.append.', 'invalid_event');
      case 'started': {
        const session = sessionOf(state.config, input.facts);
        return told({ ...state, phase: 'open', facts: input.facts }, [{ type: 'session.created', session }]);
      }
      case 'updated': {
        const config = state.asked?.config ?? state.config;
        const session = sessionOf(config, input.facts);
        const before = leaveTurn(state, turnDetection(config) !== null);
        const next = { ...before.state, facts: input.facts, config, asked: undefined };
        const last = told(turnDetection(config) === null ? takeTurns(next) : next, [
          { type: 'session.updated', session },
        ]);
        return { state: last.state, outputs: [...before.outputs, ...last.outputs] };
      }
      case 'failed':
        return failedStep(state, input);
      case 'event':
        return eventStep(state, input.event);
      case 'resumed':
      case 'ack':
      // There is no word for these, and an error would end some clients.
      case 'draining':
      case 'degraded':
        return { state, outputs: [] };
    }
  },
};

function told(state: State, messages: readonly RealtimeTold[], ...more: readonly DialectOutput[]): Step {
  const { state: next, outputs } = tell(state, messages);
  return { state: next, outputs: [...outputs, ...more] };
}

const errorTold = (error: ScriptoriumError, eventId: string | undefined): RealtimeTold => ({
  type: 'error',
  error: { ...openAiError(error).body.error, event_id: eventId ?? null },
});

const refuse = (state: State, eventId: string | undefined, message: string, rule: string): Step =>
  told(state, [errorTold(new ScriptoriumError('request-invalid', message, { details: { rule } }), eventId)]);

function failedStep(state: State, { error }: Extract<DialectInput, { type: 'failed' }>): Step {
  const answer = errorTold(error, state.asked?.eventId);
  const next = { ...state, asked: undefined };
  if (state.phase === 'open' && HARMLESS.includes(error.code)) return told(next, [answer]);
  return told({ ...next, phase: 'closed' }, [answer], close(closeCodeOf(error.code), error.message));
}

function textStep(state: State, text: string): Step {
  if (state.phase !== 'open') return { state, outputs: [] };
  const read = tryRead(() => readRealtimeEvent(text));
  if ('error' in read) return told(state, [errorTold(read.error, undefined)]);
  const { eventId, event, isBeta } = read.value;
  const parsed = tryRead(event);
  if ('error' in parsed) return told(state, [errorTold(parsed.error, eventId)]);
  return clientStep(isBeta ? { ...state, isBeta } : state, parsed.value, eventId);
}

function clientStep(state: State, event: RealtimeClientEvent, eventId: string | undefined): Step {
  switch (event.type) {
    case 'session.update': {
      const config = withAsk(state.config, event.session);
      return {
        state: { ...state, asked: { config, eventId } },
        outputs: [command({ type: 'update', asked: askedByConfig(config) })],
      };
    }
    case 'input_audio_buffer.append':
      return appendStep(state, event.audio, eventId);
    case 'input_audio_buffer.commit':
      return commitStep(state, eventId);
    case 'input_audio_buffer.clear':
      return turnedStep(clearTurns(state), command({ type: 'clear' }));
  }
}

function appendStep(state: State, audio: string, eventId: string | undefined): Step {
  const bytes = decodeBase64(audio);
  if (bytes === undefined) return refuseAudio(state, eventId, 'Expected base64.');
  if (bytes.length > MAX_APPEND_BYTES) return refuseAudio(state, eventId, 'Expected at most 15 MiB.');
  if (bytes.length === 0) return { state, outputs: [] };
  return {
    state: { ...state, buffered: state.buffered + bytes.length },
    outputs: [command({ type: 'audio', bytes })],
  };
}

function refuseAudio(state: State, eventId: string | undefined, expected: string): Step {
  const details = { field: 'audio', rule: 'invalid_value' };
  const error = new ScriptoriumError('request-invalid', `Invalid 'audio'. ${expected}`, { details });
  return told(state, [errorTold(error, eventId)]);
}

const emptyCommit = (length: number, eventId: string | undefined): RealtimeTold =>
  errorTold(
    new ScriptoriumError(
      'audio-buffer-empty',
      'Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but buffer only has ' +
        `${length.toFixed(2)}ms of audio.`,
      { details: { rule: 'input_audio_buffer_commit_empty' } },
    ),
    eventId,
  );

function commitStep(state: State, eventId: string | undefined): Step {
  const length = lengthOf(state.buffered, state.config.format);
  if (length < MIN_COMMIT_MS) return told(state, [emptyCommit(length, eventId)]);
  if (turnDetection(state.config) === null) return endTurn(state);
  const id = `cut-${state.commits}`;
  const pending = [...state.pending, { kind: 'cut', id, eventId, heardEnd: false } as const];
  return {
    state: { ...state, commits: state.commits + 1, pending, buffered: 0 },
    outputs: [command({ type: 'finalize', id })],
  };
}

function endTurn(state: State): Step {
  const id = `turn-${state.commits}`;
  return turnedStep(commitTurn({ ...state, commits: state.commits + 1 }, id), command({ type: 'finalize', id }));
}

/** A client that hands its turns over to VAD has ended the one under way. */
function leaveTurn(state: State, isVad: boolean): Step {
  const last = state.items.at(-1);
  const isOpen = last !== undefined && last.kind === 'turn' && !last.isCommitted && !last.isCleared;
  return isVad && isOpen ? endTurn(state) : { state, outputs: [] };
}

/** What a change makes ready is told behind it. */
function turnedStep({ state, told: first }: Turned, ...more: readonly DialectOutput[]): Step {
  const { items, told: texts } = tellItems(state.items, showsEarly(state.config));
  return told({ ...state, items }, [...first, ...texts], ...more);
}

function eventStep(state: State, event: LiveEvent): Step {
  switch (event.type) {
    case 'started':
    case 'language':
    case 'load':
    case 'moved':
    case 'warning':
      return { state, outputs: [] };
    case 'speech-start':
      return turnedStep(speechStart(state, event));
    case 'speech-end':
      return turnedStep(speechEnd(state, event));
    case 'partial':
    case 'final':
      return turnedStep({ state: textHeard(state, event), told: [] });
    case 'finalized': {
      const { commit, ...turned } = finalized(state, event);
      const isVain = commit !== undefined && commit.kind === 'cut' && !commit.heardEnd;
      return turnedStep(isVain ? { ...turned, told: [emptyCommit(0, commit.eventId)] } : turned);
    }
    case 'ended':
      return endedStep(state, event.reason);
  }
}

function endedStep(state: State, reason: Extract<LiveEvent, { type: 'ended' }>['reason']): Step {
  const last = turnedStep(closeTurns(state));
  const expired = errorTold(
    new ScriptoriumError('session-too-long', 'The session has lasted as long as a session may.', {
      details: { rule: 'session_expired' },
    }),
    undefined,
  );
  const end = told({ ...last.state, phase: 'closed' }, reason === 'too-long' ? [expired] : []);
  return { state: end.state, outputs: [...last.outputs, ...end.outputs, close(CLOSE_DONE, reason)] };
}
