import { asScriptoriumError, ScriptoriumError } from '../../core/index.ts';
import { openAiError, PROBLEM_TYPE, problemOf } from '../../protocol/index.ts';
import { jsonAnswer, type Answer } from './answer.ts';
import type { Route } from './exchange.ts';

/** What a client may know of a failure: ours are told, anything else is a fault of the server and stays in its log. */
export function tellable(error: unknown): ScriptoriumError {
  if (error instanceof ScriptoriumError) return error;
  const wrapped = asScriptoriumError(error, 'server-failed');
  return new ScriptoriumError('server-failed', 'The server has failed at this request.', { cause: wrapped.cause });
}

/** A failure as an answer, in the shape of its path. */
export function failureAnswer(error: ScriptoriumError, shape: Route['errors'], requestId: string): Answer {
  const { retryAfter } = error.details;
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  if (shape === 'openai') {
    const { status, body } = openAiError(error);
    return jsonAnswer(body, status, headers);
  }
  const problem = problemOf(error, requestId);
  return { ...jsonAnswer(problem, problem.status, headers), type: PROBLEM_TYPE };
}
