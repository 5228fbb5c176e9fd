import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ScriptoriumError } from '../../core/index.ts';
import type { FormFields } from '../form-fields.ts';
import { parseTranscriptionForm, parseTranslationForm } from './transcription-form.ts';

const model = ['model', 'whisper-1'] as const;
const parse = (...fields: FormFields[number][]) => parseTranscriptionForm([model, ...fields]);

/** Field and rule of the refusal; nothing when the form was taken. */
function refused(fields: FormFields): readonly unknown[] {
  try {
    parseTranscriptionForm(fields);
  } catch (error) {
    if (!(error instanceof ScriptoriumError) || error.code !== 'request-invalid') throw error;
    return [error.details['field'], error.details['rule']];
  }
  return [];
}

test('asks for json in a language that is detected when only the model is given', () => {
  expect(parse()).toEqual({
    task: 'transcribe',
    model: 'whisper-1',
    language: 'auto',
    keywords: [],
    format: 'json',
    temperature: 0,
    words: false,
    segments: false,
    stream: false,
  });
});

test('takes lists in every spelling that clients use', () => {
  const both = { words: true, segments: true };
  const verbose = ['response_format', 'verbose_json'] as const;
  const spellings: FormFields[] = [
    [
      ['timestamp_granularities[]', 'word'],
      ['timestamp_granularities[]', 'segment'],
    ],
    [
      ['timestamp_granularities', 'word'],
      ['timestamp_granularities', 'segment'],
    ],
    [
      ['timestamp_granularities[0]', 'word'],
      ['timestamp_granularities[1]', 'segment'],
    ],
    [['timestamp_granularities', 'word, segment']],
  ];
  for (const fields of spellings) expect(parse(verbose, ...fields)).toMatchObject(both);
});

test('leaves the segments out when only words are asked for, and ignores granularities of other formats', () => {
  const word = ['timestamp_granularities[]', 'word'] as const;
  expect(parse(['response_format', 'verbose_json'], word)).toMatchObject({ words: true, segments: false });
  expect(parse(['response_format', 'json'], word)).toMatchObject({ words: false, segments: false });
});

test('takes a chunking strategy as a word, as JSON and as parts', () => {
  const forms: FormFields[] = [
    [['chunking_strategy', 'auto']],
    [['chunking_strategy', '{"type":"server_vad","threshold":0.5,"silence_duration_ms":200}']],
    [
      ['chunking_strategy[type]', 'server_vad'],
      ['chunking_strategy[threshold]', '0.5'],
    ],
  ];
  for (const fields of forms) expect(parse(...fields)).toMatchObject({ model: 'whisper-1' });
  expect(refused([model, ['chunking_strategy', 'whole']])).toEqual(['chunking_strategy', 'invalid_value']);
  expect(refused([model, ['chunking_strategy[threshold]', '0.5']])).toEqual(['chunking_strategy', 'invalid_value']);
});

test('takes languages by code, name and tag in any case, and one of a list as the language', () => {
  expect(parse(['language', 'en-US']).language).toBe('en');
  expect(parse(['language', 'German']).language).toBe('de');
  expect(parse(['languages[]', 'fr']).language).toBe('fr');
  expect(parse(['languages[]', 'fr'], ['languages[]', 'en']).language).toBe('auto');
});

test('takes empty values for absent ones, and ignores fields that it does not know', () => {
  expect(parse(['prompt', ''], ['language', ' '], ['temperature', ''], ['vad_filter', 'true'])).toEqual(parse());
});

test('names the field and the rule of what it refuses', () => {
  const table: [FormFields, string, string][] = [
    [[], 'model', 'missing_required_parameter'],
    [[model, ['language', 'klingon']], 'language', 'invalid_value'],
    [[model, ['response_format', 'xml']], 'response_format', 'invalid_value'],
    [[model, ['response_format', 'diarized_json']], 'response_format', 'unsupported_value'],
    [[model, ['temperature', '2']], 'temperature', 'invalid_value'],
    [[model, ['temperature', 'warm']], 'temperature', 'invalid_value'],
    [[model, ['temperature', 'Infinity']], 'temperature', 'invalid_value'],
    [[model, ['stream', 'maybe']], 'stream', 'invalid_value'],
    [[model, ['include[]', 'logprobs']], 'include', 'unsupported_value'],
    [[model, ['known_speaker_names[]', 'A']], 'known_speaker_names', 'unsupported_value'],
    [[model, ['timestamp_granularities[]', 'letter']], 'timestamp_granularities.0', 'invalid_value'],
    [[model, ['prompt', 'x'.repeat(10_000)]], 'prompt', 'invalid_value'],
  ];
  for (const [fields, field, rule] of table) expect(refused(fields)).toEqual([field, rule]);
});

test('a translation asks for English text and takes no language', () => {
  const asked = parseTranslationForm([model, ['language', 'klingon'], ['response_format', 'verbose_json']]);
  expect(asked).toMatchObject({ task: 'translate', language: 'auto', segments: true, words: false });
});

test('any form is parsed or refused by field, whatever is in it', () => {
  const name = fc.oneof(
    fc.constantFrom('model', 'language', 'temperature', 'stream', 'response_format', 'chunking_strategy', '__proto__'),
    fc.constantFrom('timestamp_granularities[]', 'keywords[0]', 'chunking_strategy[type]', 'languages', 'include'),
    fc.string(),
  );
  const value = fc.oneof(
    fc.string(),
    fc.constantFrom('true', '{}', '{"type":1}', '[', 'auto', '0.5', 'word,word', 'en'),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), (fields) => {
      expect([0, 2]).toContain(refused(fields).length);
    }),
  );
});
