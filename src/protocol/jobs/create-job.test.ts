import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ScriptoriumError } from '../../core/index.ts';
import { parseJobForm, parseJobJson } from './create-job.ts';

/** The field that is refused. */
function refusedField(parse: () => unknown): unknown {
  try {
    parse();
  } catch (error) {
    return error instanceof ScriptoriumError ? error.details['field'] : error;
  }
  return undefined;
}

test('the form and the JSON of one job ask for the same', () => {
  const webhook = { url: 'https://example.org/hook' };
  const json = { language: 'de', words: false, keywords: ['a', 'b'], metadata: { ref: '7' }, webhook };
  const { url, ask } = parseJobJson(JSON.stringify({ ...json, input: { url: 'https://example.org/a.mp3' } }));
  expect(url).toBe('https://example.org/a.mp3');
  expect(
    parseJobForm([
      ['language', 'de'],
      ['words', 'false'],
      ['keywords[]', 'a'],
      ['keywords[]', 'b'],
      ['metadata[ref]', '7'],
      ['webhook', webhook.url],
    ]),
  ).toEqual(ask);
  expect(
    parseJobForm([
      ['metadata', '{"ref":"7"}'],
      ['webhook', JSON.stringify(webhook)],
    ]),
  ).toMatchObject({
    metadata: { ref: '7' },
    webhook,
    words: true,
    channels: 'mix',
    task: 'transcribe',
  });
});

test('metadata of a form has any names, and no more of them than that of JSON', () => {
  const names = ['k1', 'orderId', 'x-ref', 'a.b', 'with space', 'ÄÖ', 'a[b'];
  const { metadata } = parseJobForm(names.map((name) => [`metadata[${name}]`, 'v']));
  expect(metadata).toEqual(Object.fromEntries(names.map((name) => [name, 'v'])));
  const many = Array.from({ length: 17 }, (_, index) => [`metadata[k${String(index)}]`, 'v'] as const);
  expect(refusedField(() => parseJobForm(many))).toBe('metadata');
  expect(parseJobForm(many.slice(1)).metadata).toHaveProperty('k16', 'v');
  expect(refusedField(() => parseJobForm([['webhook[URL]', 'https://example.org/hook']]))).toMatch(/^webhook/);
});

test('refuses by name what JSON holds that no job has', () => {
  const json = (value: unknown) => refusedField(() => parseJobJson(JSON.stringify(value)));
  expect(json({})).toBe('input');
  expect(json({ input: { url: 'ftp://example.org/a' } })).toBe('input.url');
  expect(json({ input: { url: 'file:///etc/passwd' } })).toBe('input.url');
  expect(json({ input: { url: 'https://example.org' }, words: 'yes' })).toBe('words');
  expect(json({ input: { url: 'https://example.org' }, webhook: { url: 'x' } })).toBe('webhook.url');
  expect(json({ input: { url: 'https://example.org' }, colour: 'red' })).toBe('colour');
  expect(json({ input: { url: 'https://example.org', range: '0-1' } })).toBe('input.range');
  expect(json([])).toBe('body');
  expect(refusedField(() => parseJobJson('{'))).toBe('body');
  expect(json({ input: { url: 'https://example.org' }, metadata: { a: 'x'.repeat(600) } })).toBe('metadata.a');
});

test('calls what it does not know unknown, and repeats no more of it than a line', () => {
  const long = JSON.stringify({ input: { url: 'https://example.org' }, [`a\n${'x'.repeat(9000)}`]: 1 });
  expect(() => parseJobJson(long)).toThrow(/^Unknown parameter: 'a x{77,80}…'\.$/);
});

test('any JSON text is parsed or refused by field', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(typeof refusedField(() => parseJobJson(text))).toBe('string');
    }),
  );
});
