import type { z } from 'zod';
import { ScriptoriumError } from '../core/index.ts';

/** Why a field is refused, in the words that OpenAI's clients read. */
export type RefusalRule = 'missing_required_parameter' | 'invalid_value' | 'unsupported_value';

/** Longest piece of what a client sent that a message repeats. */
const MAX_QUOTED = 80;

/** A request that is wrong in one field. */
export const refusal = (field: string, rule: RefusalRule, message: string): ScriptoriumError =>
  new ScriptoriumError('request-invalid', message, { details: { field, rule } });

/** The first thing that a schema finds wrong, as a refusal that names the field. */
export function refusalOf(error: z.ZodError, sent: Readonly<Record<string, unknown>>): ScriptoriumError {
  const issue = error.issues[0];
  if (issue?.code === 'unrecognized_keys') {
    const unknown = cut([...issue.path.map(String), issue.keys[0] ?? ''].join('.'));
    return refusal(unknown, 'invalid_value', `Unknown parameter: ${quoted(unknown)}.`);
  }
  const [field = 'body', ...inner] = (issue?.path ?? []).map(String);
  const name = [field, ...inner].join('.');
  if (!(field in sent) || sent[field] === undefined) {
    return refusal(name, 'missing_required_parameter', `Missing required parameter: '${name}'.`);
  }
  return refusal(name, 'invalid_value', `Invalid '${name}': ${issue?.message ?? 'it is not valid'}.`);
}

/** What a client sent, short and on one line, for a message. */
export function quoted(text: string): string {
  return `'${cut(text.replace(/\p{Cc}/gu, ' '))}'`;
}

const cut = (text: string): string => (text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text);
