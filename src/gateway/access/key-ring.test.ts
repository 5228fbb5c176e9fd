import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ScriptoriumError } from '../../core/index.ts';
import { openKeyRing } from './key-ring.ts';

const KEY = 'a-key-of-24-characters-x';

test('reads keys in clear, by their hash, with limits, and passes over comments', () => {
  const hash = createHash('sha256').update('another-key-of-ours').digest('hex');
  const ring = openKeyRing([
    '# keys',
    '',
    KEY,
    `team sha256:${hash} requests=60 jobs=4`,
    `team second-key-of-team audio=5`,
  ]);
  expect(ring.size).toBe(3);
  expect(ring.find(KEY)).toEqual({ tenant: 'key-3', limits: {} });
  expect(ring.find('another-key-of-ours')).toEqual({
    tenant: 'team',
    limits: { requestsPerMinute: 60, jobsAtOnce: 4 },
  });
  expect(ring.find('second-key-of-team')).toEqual({ tenant: 'team', limits: { audioSecondsPerHour: 5 } });
  expect(ring.find(hash)).toBeUndefined();
});

test('names the line that is wrong, and never the key', () => {
  for (const line of [
    'short',
    'a b c',
    `${KEY} speed=1`,
    `${KEY} jobs=many`,
    'x/y another-long-key-here',
    'a sha256:12',
  ]) {
    expect(() => openKeyRing(['', line])).toThrow(/^API keys, line 2: /);
    expect(() => openKeyRing(['', line])).not.toThrow(line);
  }
});

test('any lines are read or refused', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (lines) => {
      try {
        expect(openKeyRing(lines).size).toBeLessThanOrEqual(lines.length);
      } catch (error) {
        if (!(error instanceof ScriptoriumError)) throw error;
      }
    }),
  );
});
