/** The parts of an OpenAPI 3.1 document that this server's needs. */

export type SchemaRef = { readonly $ref: string } | { readonly [keyword: string]: unknown };

export interface MediaType {
  readonly schema: SchemaRef;
  readonly example?: unknown;
}

export interface ResponseObject {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: SchemaRef }>>;
  readonly content?: Readonly<Record<string, MediaType>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly description: string;
  readonly schema: SchemaRef;
}

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  /** Empty where no key is asked for. */
  readonly security?: readonly object[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: true; readonly content: Readonly<Record<string, MediaType>> };
  readonly responses: Readonly<Record<string, ResponseObject>>;
}

export type PathItem = Readonly<Partial<Record<'get' | 'post' | 'delete', Operation>>>;

export const ref = (name: string): SchemaRef => ({ $ref: `#/components/schemas/${name}` });
export const text = (description?: string): SchemaRef => ({
  type: 'string',
  ...(description === undefined ? {} : { description }),
});

export const json = (schema: SchemaRef, example?: unknown): Readonly<Record<string, MediaType>> => ({
  'application/json': { schema, ...(example === undefined ? {} : { example }) },
});

export const pathId = (description: string): Parameter => ({
  name: 'id',
  in: 'path',
  required: true,
  description,
  schema: text(),
});

/** Failures in OpenAI's shape; what each status means. */
export const openAiFailures = (statuses: readonly number[]): Readonly<Record<string, ResponseObject>> =>
  failures(statuses, json(ref('OpenAiError')));

/** Failures as RFC 9457 has them. */
export const problems = (statuses: readonly number[]): Readonly<Record<string, ResponseObject>> =>
  failures(statuses, { 'application/problem+json': { schema: ref('Problem') } });

const failures = (
  statuses: readonly number[],
  content: Readonly<Record<string, MediaType>>,
): Readonly<Record<string, ResponseObject>> =>
  Object.fromEntries(
    statuses.map((status) => [String(status), { description: MEANINGS[status] ?? 'It failed.', content }]),
  );

const MEANINGS: Readonly<Record<number, string>> = {
  400: 'A field or the recording is wrong; the message names it.',
  401: 'The key is missing or unknown.',
  403: 'Pages of this origin may not call.',
  404: 'There is no such thing here.',
  406: 'The result cannot be had in this format.',
  408: 'The request came too slowly.',
  409: 'The state of the job does not allow it.',
  413: 'The upload is too large.',
  415: 'The body is of a kind that is not taken.',
  422: 'The idempotency key was used for another request, or the address gave no recording.',
  429: 'The key has used what it may; Retry-After says when to come back.',
  499: 'The transcription was cancelled.',
  500: 'The server failed.',
  503: 'The server is full, stops, or lost an engine; Retry-After says when to come back.',
  504: 'The engine gave no answer in time.',
  507: 'The disk is full.',
};
