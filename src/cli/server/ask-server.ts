import type { z } from 'zod';
import { ERRORS, ScriptoriumError, type ErrorCode } from '../../core/index.ts';
import { Problem } from '../../protocol/index.ts';
import type { Call } from '../command.ts';

/** A server that takes longer than this to answer a question is as good as gone. */
const PATIENCE_MS = 30_000;

const isCode = (word: string): word is ErrorCode => word in ERRORS;

/**
 * Asks the server of `--server` and reads its answer.
 *
 * @throws ScriptoriumError `server-unreachable`; what the server answers with, by its own code.
 */
export async function askServer<Schema extends z.ZodType>(
  { config, world }: Call,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const url = new URL(path.replace(/^\//, ''), config.server.endsWith('/') ? config.server : `${config.server}/`);
  const key = config.apiKey === undefined ? {} : { authorization: `Bearer ${config.apiKey}` };
  const signal = AbortSignal.any([world.interrupted, AbortSignal.timeout(PATIENCE_MS)]);
  let status: number;
  let text: string;
  try {
    const answer = await world.fetch(url, { method, headers: { accept: 'application/json', ...key }, signal });
    status = answer.status;
    text = await answer.text();
  } catch (error) {
    throw new ScriptoriumError('server-unreachable', `nothing answers at ${config.server}`, { cause: error });
  }
  const body = parsed(text);
  if (status >= 200 && status < 300) {
    const read = schema.safeParse(body);
    if (read.success) return read.data;
    throw new ScriptoriumError('server-unreachable', `what answers at ${config.server} is no scriptorium of this kind`);
  }
  throw refusalOf(body, status, config.server);
}

function refusalOf(body: unknown, status: number, server: string): ScriptoriumError {
  const problem = Problem.safeParse(body);
  if (problem.success && isCode(problem.data.code)) return new ScriptoriumError(problem.data.code, problem.data.detail);
  return new ScriptoriumError('server-unreachable', `${server} answered with ${String(status)}`);
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
