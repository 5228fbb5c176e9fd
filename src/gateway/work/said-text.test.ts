import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { millis, samples, type TranscriptSegment } from '../../core/index.ts';
import { stitch } from '../../transcript/index.ts';
import { spoken } from '../testing/scripted-work.ts';
import { saidText } from './said-text.ts';

const words = fc.oneof(fc.constantFrom('fox', '你好', 'ＯＫ', '', ' ', 'a\nb', 'こ ん', '한국'), fc.string());

test('what its events add, put together, is the text of the transcript', () => {
  fc.assert(
    fc.property(fc.array(fc.array(words, { maxLength: 3 })), (texts) => {
      const all: readonly TranscriptSegment[] = spoken(texts.flat());
      const said = saidText();
      let at = 0;
      const deltas = texts.map(({ length }, index) => {
        const segments = all.slice(at, (at += length));
        return said.add({ type: 'segment', channel: 0, index, start: samples(0), length: samples(0), segments });
      });
      const whole = stitch(all, { language: 'en', task: 'transcribe', duration: millis(1) });
      expect(deltas.join('')).toBe(whole.text);
      expect(said.text).toBe(whole.text);
    }),
  );
});
