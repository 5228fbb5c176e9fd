import { json, openAiFailures, pathId, ref, text, type Operation, type PathItem } from './operation.ts';

const EXAMPLE_USAGE = { type: 'duration', seconds: 11 };
const FAILURES = openAiFailures([400, 401, 403, 404, 408, 413, 415, 429, 499, 500, 503, 504, 507]);

const answers = (withStream: boolean): Operation['responses'] => ({
  200: {
    description: 'The text. One that takes long is begun before its end is known, and white space stands before it.',
    headers: {
      'x-request-id': { description: 'Names the request in the log.', schema: text() },
      'openai-processing-ms': { description: 'How long it took.', schema: text() },
    },
    content: {
      'application/json': {
        schema: { anyOf: [ref('JsonAnswer'), ref('VerboseAnswer')] },
        example: { text: 'And so, my fellow Americans…', usage: EXAMPLE_USAGE },
      },
      'text/plain': { schema: text('`text` and `srt`.') },
      'text/vtt': { schema: text() },
      ...(withStream
        ? {
            'text/event-stream': {
              schema: ref('StreamEvent'),
              example: { type: 'transcript.text.delta', delta: 'And so,' },
            },
          }
        : {}),
    },
  },
  ...FAILURES,
});

/** The paths that OpenAI's clients use. */
export const AUDIO_PATHS: Readonly<Record<string, PathItem>> = {
  '/v1/audio/transcriptions': {
    post: {
      operationId: 'createTranscription',
      tags: ['OpenAI'],
      summary: 'Transcribe a file and wait for its text',
      description:
        'As OpenAI has it. The same upload sent again while the first is under way joins it. A client that goes away cancels its work. ' +
        'Also at `/openai/v1/audio/transcriptions` and `/openai/deployments/{model}/audio/transcriptions`.',
      requestBody: { required: true, content: { 'multipart/form-data': { schema: ref('TranscriptionForm') } } },
      responses: answers(true),
    },
  },
  '/v1/audio/translations': {
    post: {
      operationId: 'createTranslation',
      tags: ['OpenAI'],
      summary: 'Translate a file into English and wait for its text',
      description: 'Needs a multilingual model.',
      requestBody: { required: true, content: { 'multipart/form-data': { schema: ref('TranslationForm') } } },
      responses: answers(false),
    },
  },
  '/v1/models': {
    get: {
      operationId: 'listModels',
      tags: ['OpenAI'],
      summary: 'List the models',
      responses: {
        200: {
          description: 'The server’s models, and OpenAI’s names that stand for its default.',
          content: json(ref('ModelList')),
        },
        ...openAiFailures([401, 403, 500]),
      },
    },
  },
  '/v1/models/{id}': {
    get: {
      operationId: 'getModel',
      tags: ['OpenAI'],
      summary: 'Show a model',
      parameters: [pathId('A name of the list; slashes may be escaped or not.')],
      responses: {
        200: {
          description: 'The model.',
          content: json(ref('ModelAnswer'), {
            id: 'tiny.en',
            object: 'model',
            created: 1663372800,
            owned_by: 'scriptorium',
          }),
        },
        ...openAiFailures([401, 403, 404, 500]),
      },
    },
  },
};
