import { MAX_JOB_BYTES, ScriptoriumError } from '../core/index.ts';
import type { JobSpec } from '../core/index.ts';

const PART = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;
const MIN_PARTS = 2;
const MAX_PARTS = 4;
const MAX_JOB_ID = 512;

/** Session ids are names of folders and parts of keys. @returns the id. @throws ScriptoriumError `job-invalid`. */
export function checkedSession(session: string): string {
  if (PART.test(session)) return session;
  throw new ScriptoriumError('job-invalid', `${JSON.stringify(session)} is no session id`);
}

/** @returns the parts of a blob's key. @throws ScriptoriumError `job-invalid` when it is none. */
export function partsOfKey(key: string): readonly string[] {
  const parts = key.split('/');
  if (parts.length < MIN_PARTS || parts.length > MAX_PARTS || !parts.every((part) => PART.test(part))) {
    throw new ScriptoriumError('job-invalid', `${JSON.stringify(key)} is no key of a blob`);
  }
  return parts;
}

/** Whether a key has a part that is no blob's: what stands there is a site's own, below the name of a session. */
export const isNoBlob = (key: string): boolean => key.split('/').some((part) => part.startsWith('.'));

/** @returns the body as JSON. @throws ScriptoriumError `job-invalid`. */
export function checkedBody(spec: JobSpec<unknown>): string {
  checkedSession(spec.session);
  if (spec.id.length === 0 || spec.id.length > MAX_JOB_ID) {
    throw new ScriptoriumError(
      'job-invalid',
      `the id of a job has 1 to ${MAX_JOB_ID} characters, not ${spec.id.length}`,
    );
  }
  const text = JSON.stringify(spec.body);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_JOB_BYTES) {
    throw new ScriptoriumError('job-invalid', `job ${spec.id} has ${bytes} bytes; ${MAX_JOB_BYTES} are the limit`);
  }
  return text;
}
