import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { realtimeDialect } from './realtime-dialect.ts';
import { examine, play, type Act } from './testing/made-session.ts';
import { eventsOf } from './testing/realtime-talk.ts';

const acts = (...kinds: readonly Act[]): fc.Arbitrary<readonly Act[]> =>
  fc.array(fc.constantFrom(...kinds, 'hear', 'hear'), { maxLength: 60 });
const ALL: readonly Act[] = ['audio', 'speak', 'partial', 'partial', 'pause', 'final', 'commit'];
const models = fc.constantFrom('whisper-1', 'gpt-realtime-whisper', 'tiny.en');

test.each([
  ['of VAD', ['vad'], ALL],
  ['by hand', ['manual'], ALL],
  ['that change', [], [...ALL, 'manual', 'vad']],
] as const)('with turns %s, transcripts are all that was said, once and in order', (_title, first, kinds) => {
  fc.assert(
    fc.property(acts(...kinds), models, (script, model) => {
      const { outputs, said } = play([...first, ...script], model);
      expect(examine(outputs, model !== 'whisper-1')).toEqual({ faults: [], transcript: said.join(' ') });
    }),
    { numRuns: 300 },
  );
});

test('whatever is cleared and however turns change, each item has one end, in order, and deltas that are its transcript', () => {
  fc.assert(
    fc.property(acts(...ALL, 'clear', 'manual', 'vad'), models, (script, model) => {
      expect(examine(play(script, model).outputs, model !== 'whisper-1').faults).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('the same inputs are told the same again, ids and all', () => {
  fc.assert(
    fc.property(acts(...ALL, 'clear'), models, (script, model) => {
      const { inputs, outputs } = play(script, model);
      let { initial: state } = realtimeDialect;
      const again = inputs.flatMap((input) => {
        const step = realtimeDialect.step(state, input);
        ({ state } = step);
        return step.outputs;
      });
      // Commands' answers are inputs of their own here, so only the order within an input differs.
      expect(eventsOf(again)).toEqual(eventsOf(outputs));
    }),
    { numRuns: 50 },
  );
});
