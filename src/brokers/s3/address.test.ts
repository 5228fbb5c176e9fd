import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ScriptoriumError } from '../../core/index.ts';
import { s3AddressOf } from './address.ts';

test('a bucket alone is one of Amazon, under a prefix of its own', () => {
  expect(s3AddressOf('s3://speech', {})).toEqual({
    bucket: 'speech',
    prefix: 'scriptorium/',
    region: 'us-east-1',
    pathStyle: false,
    label: 'bucket speech at Amazon S3 in us-east-1',
  });
});

test('the address says where the store is; what it does not say is in the environment', () => {
  const env = { AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL_S3: 'https://s3.example.org/' };
  expect(s3AddressOf('s3://speech/one/two/?region=eu-central-1&endpoint=http://10.0.0.9:9000', env)).toMatchObject({
    prefix: 'one/two/',
    region: 'eu-central-1',
    endpoint: 'http://10.0.0.9:9000',
    pathStyle: true,
  });
  expect(s3AddressOf('s3://speech/one?path-style=no', env)).toMatchObject({
    region: 'eu-west-1',
    endpoint: 'https://s3.example.org',
    pathStyle: false,
  });
});

test.each([
  's3://',
  's3:///prefix',
  's3://a',
  's3://speech/../other',
  's3://speech/a b',
  's3://speech?endpoint=10.0.0.9',
  's3://speech?endpoint=ftp://10.0.0.9',
  's3://speech?endpoint=http://key:secret@10.0.0.9',
  's3://speech?region=a/b',
  's3://speech?region=a&region=b',
  's3://speech?path-style=true',
  's3://speech?secret=abc',
  's3://key:secret@speech',
  'http://speech',
])('refuses %s, with what one looks like', (text) => {
  expect(() => s3AddressOf(text, {})).toThrow(/; write s3:\/\/BUCKET\/PREFIX\?region=/u);
});

function refusal(text: string): unknown {
  try {
    return s3AddressOf(text, {});
  } catch (error) {
    return error;
  }
}

test('refuses an address with a setting that is none, whatever else it says, and repeats nothing of it', () => {
  const part = fc.stringMatching(/^[\w:@/?&=%.-]{0,20}$/u);
  fc.assert(
    fc.property(part, part, (before, after) => {
      const text = `s3://${before}QzSecretQz${after}?Qz2Secret`;
      const refused = refusal(text);
      expect(refused).toBeInstanceOf(ScriptoriumError);
      expect(String(refused)).not.toMatch(/QzSecretQz|Qz2Secret/u);
    }),
  );
});
