import { z } from 'zod';

type Schema = Readonly<Record<string, unknown>>;

/** A message of an AsyncAPI 3 document. */
export interface AsyncMessage {
  readonly name: string;
  readonly summary?: string;
  readonly contentType: string;
  readonly payload: Schema;
}

/** AsyncAPI's own schemas are draft 7 of JSON Schema, and more. */
const DRAFT = 'draft-7';

/** A message that is a JSON text. @param from who says it: what a client may leave out is not required of it. */
export function jsonMessage(name: string, schema: z.ZodType, from: 'client' | 'server'): AsyncMessage {
  const io = from === 'client' ? 'input' : 'output';
  const { $schema: _dialect, description, ...payload } = z.toJSONSchema(schema, { io, target: DRAFT });
  return {
    name,
    ...(description === undefined ? {} : { summary: description }),
    contentType: 'application/json',
    payload,
  };
}

/** A binary message. */
export const bytesMessage = (name: string, summary: string): AsyncMessage => ({
  name,
  summary,
  contentType: 'application/octet-stream',
  payload: { type: 'string', format: 'binary' },
});
