/** Problem details (RFC 9457): the shape of errors on the paths that are our own. */
import { z } from 'zod';
import { ERRORS, type ErrorCode, type ScriptoriumError } from '../core/index.ts';

export const PROBLEM_TYPE = 'application/problem+json';

export const Problem = z.object({
  type: z.string().describe('Stable for a code; not meant to be fetched.'),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string().describe('As in docs/errors.md.'),
  action: z.string().describe('What to do about it.'),
  request_id: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});
export type Problem = z.infer<typeof Problem>;

/** What a stored failure has, and a thrown one too. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: ScriptoriumError['details'];
}

/** A failure in the problem shape; its `status` is the answer's. */
export function problemOf({ code, message, details = {} }: Failure, requestId?: string): Problem {
  const { httpStatus, action } = ERRORS[code];
  const words = code.replaceAll('-', ' ');
  return {
    type: `urn:scriptorium:error:${code}`,
    title: words.charAt(0).toUpperCase() + words.slice(1),
    status: httpStatus,
    detail: message,
    code,
    action,
    ...(requestId === undefined ? {} : { request_id: requestId }),
    ...(details['field'] === undefined
      ? {}
      : { errors: [{ pointer: `/${String(details['field']).replaceAll('.', '/')}`, detail: message }] }),
  };
}
