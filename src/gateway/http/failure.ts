import { asScriptoriumError, ERRORS, ScriptoriumError, type ErrorCode } from '../../core/index.ts';
import { openAiError, PROBLEM_TYPE, problemOf } from '../../protocol/index.ts';
import { jsonAnswer, type Answer } from './answer.ts';
import type { Route } from './exchange.ts';

/** What a client may know of a failure: ours are told, anything else is a fault of the server and stays in its log. */
export function tellable(error: unknown): ScriptoriumError {
  if (error instanceof ScriptoriumError) return error;
  const wrapped = asScriptoriumError(error, 'server-failed');
  return new ScriptoriumError('server-failed', 'The server has failed at this request.', { cause: wrapped.cause });
}

/** Another try may find the server well again. */
const RETRY_HELPS: ReadonlySet<ErrorCode> = new Set([
  'queue-full',
  'server-busy',
  'broker-closed',
  'broker-unreachable',
  'broker-full',
  'storage-unreachable',
]);

/** A failure as an answer, in the shape of its path. */
export function failureAnswer(error: ScriptoriumError, shape: Route['errors'], requestId: string): Answer {
  const { retryAfter } = error.details;
  const { httpStatus } = ERRORS[error.code];
  const headers = {
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    // OpenAI's clients send everything again after a 5xx unless they are told that it does not help.
    ...(httpStatus >= 500 && !RETRY_HELPS.has(error.code) ? { 'x-should-retry': 'false' } : {}),
  };
  if (shape === 'openai') {
    const { status, body } = openAiError(error);
    return jsonAnswer(body, status, headers);
  }
  const problem = problemOf(error, requestId);
  return { ...jsonAnswer(problem, problem.status, headers), type: PROBLEM_TYPE };
}
