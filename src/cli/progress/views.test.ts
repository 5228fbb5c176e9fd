import { expect, test } from 'vitest';
import { millis } from '../../core/index.ts';
import { styleFor } from '../terminal/style.ts';
import { barView } from './bar-view.ts';
import { fill } from './clip.ts';
import { jsonView, lineView, silentView } from './line-view.ts';
import { paceOf } from './progress.ts';
import type { ViewIo } from './view-io.ts';

const PLAIN = styleFor({ isTerminal: false }, {});
const at = (transcribed: number, total?: number) => ({
  decodedMs: millis(transcribed + 1000),
  transcribedMs: millis(transcribed),
  ...(total === undefined ? {} : { totalMs: millis(total) }),
});

function made(columns = 80): { io: ViewIo; now: { value: number }; out: () => string; screen: () => string[] } {
  const texts: string[] = [];
  const now = { value: 0 };
  const io: ViewIo = {
    write: (text) => {
      texts.push(text);
    },
    columns: () => columns,
    now: () => now.value,
    drain: () => Promise.resolve(),
  };
  return { io, now, out: () => texts.join(''), screen: () => screenOf(texts.join('')) };
}

/** What a terminal shows of the text: lines, with "up one and clear" obeyed and the cursor's sequences left out. */
function screenOf(text: string): string[] {
  const lines: string[] = [''];
  const seen = text.replaceAll('\u001B[?25l', '').replaceAll('\u001B[?25h', '').replaceAll('\u001B[1A\u001B[2K', '\0');
  for (const character of seen) {
    if (character === '\n') lines.push('');
    else if (character === '\0') lines.splice(-2, 2, '');
    else lines[lines.length - 1] += character;
  }
  return lines.slice(0, -1);
}

test('speed and time left come from what is done, once there is enough of it', () => {
  expect(paceOf(at(0, 60_000), 100)).toMatchObject({ share: 0, speed: 0, leftMs: undefined });
  expect(paceOf(at(30_000, 60_000), 3000)).toMatchObject({ share: 0.5, speed: 10, leftMs: 3000 });
  expect(paceOf(at(30_000), 3000)).toMatchObject({ share: undefined, speed: 10, leftMs: undefined });
  expect(paceOf(at(0, 0), 3000).share).toBeUndefined();
});

test('a bar a recording under way, redrawn in place, and how many wait', () => {
  const { io, now, screen } = made();
  const view = barView(['a.wav', 'b.wav', 'c.wav'], PLAIN, io);
  view.start(0);
  view.start(1);
  now.value = 6000;
  view.update(0, at(60_000, 120_000));
  expect(screen()).toEqual([
    `a.wav${' '.repeat(14)}  ${'█'.repeat(7)}${'░'.repeat(7)}   50%  1:00/2:00  10×  0:06 left`,
    `b.wav${' '.repeat(14)}  starting`,
    '+ 1 waiting',
  ]);
});

test('what is finished or said stays above the bars; at the end nothing of them is left', async () => {
  const { io, screen, out } = made();
  const view = barView(['a.wav', 'b.wav'], PLAIN, io);
  view.start(0);
  view.say('note: one');
  view.start(1);
  view.finish(0, '✓ a.wav');
  expect(screen().slice(0, 2)).toEqual(['note: one', '✓ a.wav']);
  view.finish(1, '');
  await view.close();
  expect(screen()).toEqual(['note: one', '✓ a.wav']);
  expect(out().endsWith('\u001B[?25h')).toBe(true);
});

test('what is written beside the view stands alone on the screen while it is written', async () => {
  const { io, screen } = made();
  const view = barView(['a.wav'], PLAIN, io);
  view.start(0);
  await view.aside(() => {
    expect(screen()).toEqual([]);
    view.say('said meanwhile');
    io.write('data\n');
    return Promise.resolve();
  });
  expect(screen()).toEqual(['data', 'said meanwhile', `a.wav${' '.repeat(14)}  starting`]);
});

test('no line is wider than the terminal, however narrow and however long the name', () => {
  for (const columns of [20, 40, 60, 100]) {
    const { io, now, screen } = made(columns);
    const view = barView(['a very long name of a recording.flac'], PLAIN, io);
    view.start(0);
    now.value = 5000;
    view.update(0, at(3_600_000, 7_200_000));
    for (const line of screen()) expect(line.length).toBeLessThan(columns);
  }
});

test('redraws no faster than an eye', () => {
  const { io, now, out } = made();
  const view = barView(['a.wav'], PLAIN, io);
  view.start(0);
  for (let i = 0; i < 1000; i++) {
    now.value = i;
    view.update(0, at(i * 100, 200_000));
  }
  expect(out().split('\n').length).toBeLessThan(20);
});

test('a long name loses its middle, not its ending', () => {
  expect(fill('a very long name.flac', 12)).toBe('a very….flac');
  expect(fill('a.wav', 8)).toBe('a.wav   ');
});

test('plain lines come every few seconds, without control characters', () => {
  const { io, now, out } = made();
  const view = lineView(['a.wav'], io);
  view.start(0);
  for (now.value = 0; now.value <= 10_000; now.value += 500) view.update(0, at(now.value * 10, 200_000));
  view.finish(0, 'done');
  expect(out()).toBe('a.wav: 25 %, 0:50 of 3:20, 10×, 0:15 left\na.wav: 50 %, 1:40 of 3:20, 10×, 0:10 left\ndone\n');
});

test('progress for programs is a JSON event a line, the last one among them', () => {
  const { io, now, out } = made();
  const view = jsonView(['a.wav'], io);
  view.start(0);
  view.update(0, at(0, 2000));
  now.value = 1000;
  view.update(0, at(2000, 2000));
  const events: unknown[] = out()
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(events).toMatchObject([
    { type: 'progress', input: 'a.wav', index: 0, transcribedMs: 0, totalMs: 2000, share: 0 },
    { transcribedMs: 2000, share: 1, speed: 2, leftMs: 0 },
  ]);
});

test('without progress only what is said is written', async () => {
  const { io, out } = made();
  const view = silentView(io);
  view.start(0);
  view.update(0, at(1));
  view.finish(0, '');
  view.say('error: x');
  await view.close();
  expect(out()).toBe('error: x\n');
});
