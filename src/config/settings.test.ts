import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultCacheDir, defaultModelsDir } from './folders.ts';
import { nearest, suggestion } from './nearest.ts';
import { temperatures } from './temperatures.ts';

test('temperatures climb from the first by the increment to 1', () => {
  expect(temperatures({ temperature: 0, temperatureIncrement: 0.2 })).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(temperatures({ temperature: 0.5, temperatureIncrement: 0.3 })).toEqual([0.5, 0.8]);
  expect(temperatures({ temperature: 0, temperatureIncrement: 'none' })).toEqual([0]);
});

test('a ladder never is empty, always climbs and never passes 1', () => {
  const steps = fc.double({ min: 0.01, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), steps, (temperature, temperatureIncrement) => {
      const ladder = temperatures({ temperature, temperatureIncrement });
      expect(ladder.length).toBeGreaterThan(0);
      expect(ladder.every((step, i) => step <= 1 && (i === 0 || step > (ladder[i - 1] ?? 1)))).toBe(true);
    }),
  );
});

test('the nearest word is told for a slip, and none for another word', () => {
  const words = ['transcribe', 'models', 'doctor'];
  expect(['trnascribe', 'model', 'docter', 'sing'].map((word) => nearest(word, words))).toEqual([
    'transcribe',
    'models',
    'doctor',
    undefined,
  ]);
  expect(suggestion('modles', words)).toBe('; did you mean models?');
});

test("folders are the platform's own", () => {
  const linux = { platform: 'linux', home: '/h', env: { XDG_CACHE_HOME: '/x/c', XDG_DATA_HOME: 'relative' } } as const;
  expect([defaultCacheDir(linux), defaultModelsDir(linux)]).toEqual([
    '/x/c/scriptorium',
    '/h/.local/share/scriptorium/models',
  ]);
  expect(defaultCacheDir({ platform: 'darwin', home: '/h', env: {} })).toBe('/h/Library/Caches/scriptorium');
  expect(defaultModelsDir({ platform: 'win32', home: '/h', env: { LOCALAPPDATA: '/l' } })).toBe(
    '/l/scriptorium/models',
  );
});
