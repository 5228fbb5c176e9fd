import type { JobSpec } from '../../core/index.ts';
import { MAX_JOB_BYTES, ScriptoriumError } from '../../core/index.ts';

const PART = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;
const MIN_PARTS = 2;
const MAX_PARTS = 4;
const MAX_JOB_ID = 512;
const PREFIX = /^[A-Za-z0-9:._-]{1,64}$/;

const invalid = (message: string): ScriptoriumError => new ScriptoriumError('job-invalid', message);

/** Session ids are parts of keys and names of folders. @returns the id. @throws ScriptoriumError `job-invalid`. */
export function checkedSession(session: string): string {
  if (!PART.test(session)) throw invalid(`${JSON.stringify(session)} is no session id`);
  return session;
}

/** @returns the parts of a blob's key. @throws ScriptoriumError `job-invalid` when it is none. */
export function partsOfKey(key: string): readonly string[] {
  const parts = key.split('/');
  const isKey = parts.length >= MIN_PARTS && parts.length <= MAX_PARTS && parts.every((part) => PART.test(part));
  if (!isKey) throw invalid(`${JSON.stringify(key)} is no key of a blob`);
  return parts;
}

/** @returns the body of a job as JSON. @throws ScriptoriumError `job-invalid`. */
export function checkedBody(spec: JobSpec<unknown>): string {
  checkedSession(spec.session);
  const { length } = spec.id;
  if (length === 0 || length > MAX_JOB_ID) {
    throw invalid(`the id of a job has 1 to ${MAX_JOB_ID} characters, not ${length}`);
  }
  const text = JSON.stringify(spec.body);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_JOB_BYTES) throw invalid(`job ${spec.id} has ${bytes} bytes; ${MAX_JOB_BYTES} are the limit`);
  return text;
}

/** @returns what keys begin with. @throws ScriptoriumError `broker-refused` for what would be no prefix of one. */
export function checkedPrefix(prefix: string): string {
  if (PREFIX.test(prefix)) return prefix;
  throw new ScriptoriumError(
    'broker-refused',
    `${JSON.stringify(prefix)} is no prefix of keys; use up to 64 letters, digits, and any of : . _ -`,
  );
}
