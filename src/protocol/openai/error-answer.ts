/** OpenAI's shape of errors, which its clients turn into exceptions by status. */
import { z } from 'zod';
import { ERRORS, type ErrorCode, type ScriptoriumError } from '../../core/index.ts';

export const OpenAiError = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
});
export type OpenAiError = z.infer<typeof OpenAiError>;

interface Shape {
  readonly status?: number;
  readonly type?: string;
  readonly param?: string;
  readonly code?: string | null;
  /** Stands before the message: what clients have seen from OpenAI. */
  readonly opening?: string;
}

/** OpenAI's words; what is missing here needs ffmpeg, and our own message behind it says so. */
const INVALID_FORMAT =
  "Invalid file format. Supported formats: ['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm']";

/** Where OpenAI's answer differs from what the table of errors and the rule below give. */
const SHAPES: Partial<Record<ErrorCode, Shape>> = {
  'key-invalid': { code: 'invalid_api_key' },
  'model-missing': { code: 'model_not_found' },
  'audio-format-unsupported': { status: 400, param: 'file', code: null, opening: INVALID_FORMAT },
  'audio-damaged': { status: 400, param: 'file', code: null },
  'audio-empty': { status: 400, param: 'file', code: 'audio_too_short' },
  'audio-too-long': { status: 400, param: 'file', code: 'invalid_value' },
  'language-unsupported': { param: 'language', code: 'invalid_value' },
  'upload-too-large': { type: 'server_error', code: null },
  'rate-limited': { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
};

/** Status and body of a failure on the paths that OpenAI's clients use. */
export function openAiError(error: ScriptoriumError): { readonly status: number; readonly body: OpenAiError } {
  const shape = SHAPES[error.code] ?? {};
  const status = shape.status ?? ERRORS[error.code].httpStatus;
  const { field, rule } = error.details;
  const code = rule === undefined ? error.code.replaceAll('-', '_') : String(rule);
  return {
    status,
    body: {
      error: {
        message: shape.opening === undefined ? error.message : `${shape.opening} (${error.message})`,
        type: shape.type ?? (status >= 500 ? 'server_error' : 'invalid_request_error'),
        param: field === undefined ? (shape.param ?? null) : String(field),
        code: shape.code === undefined ? code : shape.code,
      },
    },
  };
}
