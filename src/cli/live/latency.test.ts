import { expect, test } from 'vitest';
import { measureLatency } from './latency.ts';

const word = (w: string, end: number) => ({ w, start_ms: end - 100, end_ms: end, p: 0.9 });

test('tells how long after they were said words came, settled and were final', () => {
  const latency = measureLatency({ start: () => 1000, speed: 2 });
  latency.saw({ type: 'speech_start', at_ms: 400 }, 0);
  const words = [word('one', 600), word('two', 1000)];
  const common = { segment: 0, start_ms: 400, end_ms: 1000 };
  latency.saw({ ...common, type: 'partial', rev: 1, text: 'one', stable: 0, words: words.slice(0, 1) }, 1700);
  latency.saw({ ...common, type: 'partial', rev: 2, text: 'one two', stable: 4, words }, 1800);
  latency.saw({ ...common, type: 'final', text: 'one two', words }, 2500);
  latency.saw({ type: 'resumed', session_id: 'a' }, 0);
  // Said at 1000 + ms / 2: first text 1700 - 1200; "one" settled 1800 - 1300, "two" 2500 - 1500; final 2500 - 1500.
  expect(latency.line()).toBe(
    'latency: first words 0.5 s (p95 0.5 s), settled words 1.0 s (p95 1.0 s), finals 1.0 s (p95 1.0 s), connection resumed once',
  );
});

test('has no lag to tell of what was sent as fast as it went', () => {
  const latency = measureLatency({ start: () => 0, speed: 0 });
  latency.saw({ type: 'final', segment: 0, text: 'one', start_ms: 0, end_ms: 10 }, 20);
  expect(latency.line()).toBe('');
});
