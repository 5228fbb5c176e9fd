import { z } from 'zod';
import { CreateJob, JobOptions } from '../jobs/create-job.ts';
import { Job, JobList } from '../jobs/job.ts';
import { JsonAnswer, StreamEvent, Usage, VerboseAnswer } from '../openai/answers.ts';
import { OpenAiError } from '../openai/error-answer.ts';
import { ModelAnswer, ModelList } from '../openai/models.ts';
import { TranscriptionFields, TranslationFields } from '../openai/transcription-form.ts';
import { Problem } from '../problem.ts';
import type { SchemaRef } from './operation.ts';

/** What clients send, by the name that the document gives it. */
const SENT = { CreateJob };
/** What they get. */
const GOT = {
  JsonAnswer,
  VerboseAnswer,
  StreamEvent,
  Usage,
  OpenAiError,
  ModelAnswer,
  ModelList,
  Job,
  JobList,
  Problem,
};

const file: SchemaRef = {
  type: 'string',
  contentMediaType: 'application/octet-stream',
  description:
    'WAV, FLAC, MP3, Ogg or AIFF; with ffmpeg installed, whatever that reads. Told by its bytes, not by its name.',
};

/** Every named schema of the document, made of the schemas that check requests and describe answers. */
export function componentSchemas(): Readonly<Record<string, SchemaRef>> {
  return {
    ...named(SENT, 'input'),
    ...named(GOT, 'output'),
    TranscriptionForm: form(TranscriptionFields),
    TranslationForm: form(TranslationFields),
    JobForm: form(JobOptions),
  };
}

function named(schemas: Readonly<Record<string, z.ZodType>>, io: 'input' | 'output'): Record<string, SchemaRef> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, { io, uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(Object.entries(made.schemas).map(([name, schema]) => [name, plain(schema)]));
}

/** The fields of a form and its file; lists are repeated parts, by themselves or as `name[]`. */
function form(fields: z.ZodObject): SchemaRef {
  const { properties = {}, required = [], ...rest } = z.toJSONSchema(fields, { io: 'input' });
  return {
    ...plain(rest),
    properties: { file, ...properties },
    required: ['file', ...required],
    // Fields that are not named are passed over.
    additionalProperties: true,
  };
}

/** Without what belongs to a document of its own. */
function plain(schema: object): SchemaRef {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== '$schema' && name !== '$id'));
}
