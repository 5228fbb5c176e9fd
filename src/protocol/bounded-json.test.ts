import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ScriptoriumError } from '../core/index.ts';
import { parseBoundedObject } from './bounded-json.ts';

const BOUNDS = { characters: 1000, depth: 4 };
const codeOf = (text: string): string => {
  try {
    parseBoundedObject(text, BOUNDS);
    return 'taken';
  } catch (error) {
    return error instanceof ScriptoriumError ? `${error.code} ${error.details['rule'] ?? ''}`.trim() : 'thrown';
  }
};

test.each([
  ['{"a":{"b":[{}]}}', 'taken'],
  ['{"a":{"b":[[{}]]}}', 'request-invalid invalid_event'],
  ['{"a":"[[[[[[[["}', 'taken'],
  [String.raw`{"a":"\\\"[[[[[[","b":"\\"}`, 'taken'],
  ['[]', 'request-invalid invalid_event'],
  ['null', 'request-invalid invalid_event'],
  ['7', 'request-invalid invalid_event'],
  ['{"a":"', 'request-invalid invalid_json'],
  ['', 'request-invalid invalid_json'],
  [`{"a":"${'x'.repeat(1000)}"}`, 'frame-too-large'],
  ['['.repeat(900), 'request-invalid invalid_event'],
  ['{"a":'.repeat(150), 'request-invalid invalid_event'],
])('%s is %s', (text, code) => {
  expect(codeOf(text)).toBe(code);
});

test('takes every object within its bounds as JSON.parse does, and throws nothing of its own at anything else', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), (value) => {
      const text = JSON.stringify(value);
      expect(parseBoundedObject(text, { characters: text.length, depth: 8 })).toEqual(JSON.parse(text));
    }),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json().map((text) => text.slice(0, -1)),
      ),
      (text) => {
        expect(codeOf(text)).not.toBe('thrown');
      },
    ),
  );
});
