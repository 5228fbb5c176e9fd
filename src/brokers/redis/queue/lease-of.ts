import type { Lease } from '../../../core/index.ts';
import { ScriptoriumError, millis } from '../../../core/index.ts';
import { json } from '../../json.ts';
import { JOB_CLASSES } from './classes.ts';

/**
 * The lease that `CLAIM` answers.
 *
 * @throws ScriptoriumError or SyntaxError for a job that can't be read: one that something else wrote, or broke.
 */
export function leaseOf<Body>(texts: readonly string[]): Lease<Body> {
  const [id = '', token, attempt, maxAttempts, session = '', tenant = '', place, slot = '', ...rest] = texts;
  const [revision, enqueuedAt, text = ''] = rest;
  const jobClass = JOB_CLASSES[Number(place)];
  if (jobClass === undefined) throw new ScriptoriumError('broker-failed', `job ${id} has no class`);
  const body = json<Body>().read(text);
  if (typeof body !== 'object' || body === null) throw new ScriptoriumError('broker-failed', 'it is no object');
  return {
    id,
    token: Number(token),
    attempt: Number(attempt),
    maxAttempts: Number(maxAttempts),
    session,
    tenant,
    jobClass,
    slot,
    revision: Number(revision),
    enqueuedAt: millis(Number(enqueuedAt)),
    body,
  };
}
