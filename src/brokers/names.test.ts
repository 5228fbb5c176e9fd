import { join, relative, sep } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ScriptoriumError } from '../core/index.ts';
import { checkedSession, partsOfKey } from './names.ts';

/** Strings that come close to a key. */
const nearKey = fc.string({
  unit: fc.constantFrom('a', 'Z', '0', '-', '_', '.', '..', '/', '//', '\\', '\u0000', '%2f', ' ', '~', 'é', ':', '\n'),
  maxLength: 12,
});

/** The parts of a key; none when it is refused. */
function refusedOr(key: string): readonly string[] {
  try {
    return partsOfKey(key);
  } catch (error) {
    if (error instanceof ScriptoriumError && error.code === 'job-invalid') return [];
    throw error;
  }
}

test('takes a key only if its file stands below the folder, under the name that the key has', () => {
  fc.assert(
    fc.property(fc.oneof(nearKey, fc.string()), (key) => {
      const parts = refusedOr(key);
      const path = relative('/data', join('/data', ...parts));
      expect(path.split(sep)).toEqual(parts.length === 0 ? [''] : key.split('/'));
      expect(parts.every((part) => !part.startsWith('.'))).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

test('takes the ids of sessions that others make: letters, digits, dashes, underscores and dots', () => {
  for (const id of ['job_01JD', 'a', 'A-b_c.d', 'x'.repeat(128)]) expect(() => checkedSession(id)).not.toThrow();
  for (const id of ['', '.', '..', '.a', 'a/b', 'a b', 'x'.repeat(129), 'ü', 'a\u0000']) {
    expect(() => checkedSession(id)).toThrow('is no session id');
  }
});
