import { expect, test } from 'vitest';
import { ERRORS, ScriptoriumError, type ErrorCode } from '../../core/index.ts';
import { Problem, problemOf } from '../problem.ts';
import { refusal } from '../refusal.ts';
import { OpenAiError, openAiError } from './error-answer.ts';

const shapeOf = (code: ErrorCode): unknown => {
  const { status, body } = openAiError(new ScriptoriumError(code, 'Message.'));
  return [status, body.error.type, body.error.param, body.error.code];
};

test('answers as OpenAI does where its clients look', () => {
  expect(shapeOf('key-invalid')).toEqual([401, 'invalid_request_error', null, 'invalid_api_key']);
  expect(shapeOf('model-missing')).toEqual([404, 'invalid_request_error', null, 'model_not_found']);
  expect(shapeOf('audio-format-unsupported')).toEqual([400, 'invalid_request_error', 'file', null]);
  expect(openAiError(new ScriptoriumError('audio-format-unsupported', 'a.txt is text')).body.error.message).toMatch(
    /^Invalid file format\. Supported formats: \['flac', .*'webm'\] \(a\.txt is text\)$/,
  );
  expect(shapeOf('audio-empty')).toEqual([400, 'invalid_request_error', 'file', 'audio_too_short']);
  expect(shapeOf('upload-too-large')).toEqual([413, 'server_error', null, null]);
  expect(shapeOf('rate-limited')).toEqual([429, 'rate_limit_error', null, 'rate_limit_exceeded']);
  expect(shapeOf('queue-full')).toEqual([503, 'server_error', null, 'queue_full']);
});

test('names the field of a refusal in both shapes', () => {
  const error = refusal('response_format', 'unsupported_value', 'No.');
  expect(openAiError(error)).toEqual({
    status: 400,
    body: {
      error: { message: 'No.', type: 'invalid_request_error', param: 'response_format', code: 'unsupported_value' },
    },
  });
  expect(problemOf(error, 'r1')).toMatchObject({
    status: 400,
    code: 'request-invalid',
    request_id: 'r1',
    errors: [{ pointer: '/response_format', detail: 'No.' }],
  });
});

test('every code of the table has both shapes', () => {
  const codes = Object.keys(ERRORS).filter((code): code is ErrorCode => code in ERRORS);
  for (const code of codes) {
    const error = new ScriptoriumError(code, 'Message.');
    const { status, body } = openAiError(error);
    expect(OpenAiError.parse(body)).toEqual(body);
    const problem = problemOf(error);
    expect(Problem.parse(problem)).toEqual(problem);
    expect(Math.floor(status / 100)).toBe(Math.floor(problem.status / 100));
  }
});
