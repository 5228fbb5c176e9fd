import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { millis } from '../../core/index.ts';
import { segment, spoken, transcript, wildTranscript } from '../testing/made-transcripts.ts';
import { FORMAT_NAMES, FORMATS, writeTranscript, type FormatOptions } from './formats.ts';

const options: FormatOptions = {
  title: 'talk.mp3',
  words: true,
  keywords: [],
  subtitles: { kind: 'readable', maxLineWidth: 'auto', maxLineCount: 2 },
};
const two = transcript([spoken('Hello there.'), { ...spoken('How are you?', 2400), tokens: [7, 8] }]);

test('text is a line a segment', () => {
  expect(writeTranscript('txt', two, options)).toBe('Hello there.\nHow are you?\n');
});

test('TSV is the table that Whisper writes, tabs in the text gone', () => {
  const tabbed = transcript([segment(' a\tb', 0.4, 1999.6)]);
  expect(writeTranscript('tsv', tabbed, options)).toBe('start\tend\ttext\n0\t2000\ta b\n');
});

test('LRC rounds once to hundredths and counts minutes past 99', () => {
  const late = transcript([segment('a', 59_996, 60_000), segment('[00:01] b', 6_000_000, 6_001_000)]);
  expect(writeTranscript('lrc', late, options)).toBe('[01:00.00]a\n[100:00.00] (00:01] b\n');
});

test('Markdown has a title, paragraphs with times at pauses, and text that stays text', () => {
  const said = transcript([
    segment('1. *Really*', 0, 900),
    segment('yes_no', 1000, 1500),
    segment('Later', 3_723_000, 3_724_000),
  ]);
  expect(writeTranscript('md', said, options)).toBe(
    '# talk.mp3\n\nLanguage: en · Length: 1:02:04\n\n**[0:00]** 1\\. \\*Really\\* yes\\_no\n\n**[1:02:03]** Later\n',
  );
});

test("json is OpenAI's verbose shape: seconds, language by name, leading spaces, words apart", () => {
  expect(JSON.parse(writeTranscript('json', { ...two, duration: millis(8470.4) }, options))).toEqual({
    task: 'transcribe',
    language: 'english',
    duration: 8.47,
    text: 'Hello there. How are you?',
    segments: [
      {
        id: 0,
        seek: 0,
        start: 0,
        end: 0.6,
        text: ' Hello there.',
        tokens: [],
        temperature: 0,
        avg_logprob: -0.3,
        compression_ratio: 1.2,
        no_speech_prob: 0.01,
      },
      {
        id: 1,
        seek: 240,
        start: 2.4,
        end: 3.3,
        text: ' How are you?',
        tokens: [7, 8],
        temperature: 0,
        avg_logprob: -0.3,
        compression_ratio: 1.2,
        no_speech_prob: 0.01,
      },
    ],
    words: [
      { word: 'Hello', start: 0, end: 0.3 },
      { word: 'there.', start: 0.3, end: 0.6 },
      { word: 'How', start: 2.4, end: 2.7 },
      { word: 'are', start: 2.7, end: 3 },
      { word: 'you?', start: 3, end: 3.3 },
    ],
  });
});

test('a translation is English to OpenAI, and a Chinese segment has no leading space', () => {
  const chinese = transcript([segment('你好', 0, 1)], 'zh');
  expect(JSON.parse(writeTranscript('json', chinese, options))).toMatchObject({
    language: 'chinese',
    segments: [{ text: '你好' }],
  });
  expect(JSON.parse(writeTranscript('json', { ...chinese, task: 'translate' }, options))).toMatchObject({
    language: 'english',
  });
});

test('words are left out of both JSON documents when nobody asked for them', () => {
  for (const format of ['json', 'native'] as const) {
    expect(writeTranscript(format, two, { ...options, words: false })).not.toContain('"words"');
  }
});

test('native JSON names its version, counts in milliseconds and lists keyword hits', () => {
  expect(
    JSON.parse(writeTranscript('native', two, { ...options, words: false, keywords: ['are', 'gone'] })),
  ).toMatchObject({
    format: 'scriptorium-transcript',
    version: 1,
    language: 'en',
    durationMs: 3300,
    segments: [
      { startMs: 0, endMs: 600 },
      { startMs: 2400, endMs: 3300, tokens: [7, 8] },
    ],
    keywords: [{ keyword: 'are', text: 'are', startMs: 2700, endMs: 3000, probability: 0.9 }],
  });
});

test('one cue a segment on request, as OpenAI writes them', () => {
  const long = transcript([spoken('word '.repeat(40).trim())]);
  const plain = writeTranscript('srt', long, { ...options, subtitles: { kind: 'segments' } });
  expect(plain.trim().split('\n')).toHaveLength(3);
  expect(writeTranscript('srt', long, options).trim().split('\n').length).toBeGreaterThan(3);
});

test('Chinese subtitles are set 16 characters a line unless asked otherwise', () => {
  const text = '今天天气很好我们一起去公园散步吧然后再去吃饭聊天看电影';
  const lines = writeTranscript('vtt', transcript([segment(text, 0, 8000)], 'zh'), options).split('\n');
  for (const line of lines.filter((each) => /\p{Script=Han}/u.test(each))) expect(line.length).toBeLessThanOrEqual(16);
});

test('the list of names is the table, and no two formats share an extension', () => {
  expect([...FORMAT_NAMES]).toEqual(Object.keys(FORMATS));
  expect(new Set(Object.values(FORMATS).map((format) => format.extension)).size).toBe(FORMAT_NAMES.length);
});

test('every format writes every transcript: JSON parses, tables keep their columns, lines end', () => {
  fc.assert(
    fc.property(wildTranscript, (wild) => {
      for (const format of FORMAT_NAMES) {
        const written = writeTranscript(format, wild, options);
        expect(written === '' || written.endsWith('\n')).toBe(true);
        expect(written).not.toContain('\0');
        if (FORMATS[format].extension.endsWith('json')) JSON.parse(written);
      }
      const rows = writeTranscript('tsv', wild, options).trimEnd().split('\n');
      expect(rows.filter((row) => row.split('\t').length !== 3)).toEqual([]);
    }),
  );
});
