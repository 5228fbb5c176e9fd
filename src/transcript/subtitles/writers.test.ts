import * as fc from 'fast-check';
import { parseText } from 'media-captions';
import { expect, test } from 'vitest';
import { transcript, segment, wildTranscript } from '../testing/made-transcripts.ts';
import type { Cue } from './cue.ts';
import { writeSrt } from './srt.ts';
import { readableCues, segmentCues } from './subtitle-cues.ts';
import { writeVtt } from './vtt.ts';

const cue = (start: number, end: number, ...lines: string[]): Cue => ({ start, end, lines });

test('SRT is counted from 1, with commas, and a blank line between cues', () => {
  expect(writeSrt([cue(0, 1500, 'One', 'two'), cue(1500, 2000, 'Three')])).toBe(
    '1\n00:00:00,000 --> 00:00:01,500\nOne\ntwo\n\n2\n00:00:01,500 --> 00:00:02,000\nThree\n',
  );
});

test('WebVTT has its head, points, and escapes', () => {
  expect(writeVtt([cue(0, 1500, 'a < b & c > d --> e')])).toBe(
    'WEBVTT\n\n00:00:00.000 --> 00:00:01.500\na &lt; b &amp; c &gt; d --&gt; e\n',
  );
});

test('no cues make an empty SRT and a WebVTT that is only its head', () => {
  expect([writeSrt([]), writeVtt([])]).toEqual(['', 'WEBVTT\n']);
});

test('a time is rounded once: 59.9996 s is a minute, not second sixty', () => {
  const cues = segmentCues(transcript([segment('a', 59_999.6, 3_599_999.7)]));
  expect(writeSrt(cues)).toContain('00:01:00,000 --> 01:00:00,000');
});

test('hours go past 99', () => {
  expect(writeVtt([cue(360_000_000, 360_000_001, 'late')])).toContain('100:00:00.000 --> 100:00:00.001');
});

test('a cue of no length gets a millisecond', () => {
  expect(segmentCues(transcript([segment('a', 1000.2, 1000.4)]))).toEqual([cue(1000, 1001, 'a')]);
});

test('cues that reach into each other are parted', () => {
  const cues = segmentCues(transcript([segment('a', 0, 2000), segment('b', 1500, 3000), segment('c', 1200, 1300)]));
  expect(cues.map(({ start, end }) => [start, end])).toEqual([
    [0, 1500],
    [1500, 1501],
    [1501, 1502],
  ]);
});

test('an arrow in SRT text reads as no time line', () => {
  expect(writeSrt([cue(0, 1, '00:00:01,000 --> 00:00:02,000')]).match(/-->/g)).toHaveLength(1);
});

const unescape = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

test('an independent strict reader gets back every cue from WebVTT, whatever was said', async () => {
  await fc.assert(
    fc.asyncProperty(wildTranscript, async (wild) => {
      const cues = readableCues(wild);
      const read = await parseText(writeVtt(cues), { type: 'vtt', strict: true, errors: true });
      expect(read.errors).toEqual([]);
      expect(
        read.cues.map(({ startTime, endTime, text }) =>
          cue(Math.round(startTime * 1000), Math.round(endTime * 1000), ...unescape(text).split('\n')),
        ),
      ).toEqual(cues);
    }),
  );
});

test('an independent strict reader gets back every cue from SRT, whatever was said', async () => {
  await fc.assert(
    fc.asyncProperty(wildTranscript, async (wild) => {
      const cues = segmentCues(wild);
      const read = await parseText(writeSrt(cues), { type: 'srt', strict: true, errors: true });
      expect(read.errors).toEqual([]);
      expect(
        read.cues.map(({ startTime, endTime }) => [Math.round(startTime * 1000), Math.round(endTime * 1000)]),
      ).toEqual(cues.map(({ start, end }) => [start, end]));
    }),
  );
});
