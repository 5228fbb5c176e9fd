import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import {
  heeding,
  ScriptoriumError,
  type BlobFacts,
  type BlobStore,
  type Clock,
  type Millis,
} from '../../core/index.ts';
import { refusal, type FormFields } from '../../protocol/index.ts';
import type { Exchange } from '../http/exchange.ts';
import { fileName } from './file-name.ts';
import { inviteBody, pacedBody } from './paced-body.ts';

/** Bounds of a form, apart from its file. */
const MAX_FIELDS = 300;
const MAX_FIELD_BYTES = 16 * 1024;
const MAX_NAME_BYTES = 200;
const MAX_PART_HEADERS = 20;
const MAX_PART_HEADER_BYTES = 8 * 1024;
/** What stands around the file in the body, at most. */
const MAX_FORM_BYTES = MAX_FIELDS * MAX_FIELD_BYTES;

export interface UploadedForm {
  readonly fields: FormFields;
  /** Undefined when no part was a file. */
  readonly file?: BlobFacts & { readonly name: string };
}

export interface FormParts {
  readonly blobs: BlobStore;
  /** Where the file goes. */
  readonly key: string;
  readonly uploadBytes: number;
  /** Whether it was promised to outlive any crash. */
  readonly lasting: boolean;
  readonly idle: Millis;
  readonly clock: Clock;
  /** Aborts when nobody waits for it any more. */
  readonly signal: AbortSignal;
}

/**
 * Reads a `multipart/form-data` body: text parts into memory, the part `file` straight into the blob store, however the parts
 * are ordered. When it throws, nothing of it is kept.
 *
 * @throws ScriptoriumError `body-unsupported`, `request-invalid`, `upload-too-large`, `upload-unfinished`, `request-timeout`.
 */
export async function readForm(
  { request, response }: Pick<Exchange, 'request' | 'response'>,
  parts: FormParts,
): Promise<UploadedForm> {
  const { blobs, key, uploadBytes, lasting, clock, idle } = parts;
  refuseAnnounced(request, uploadBytes);
  const parser = openParser(request);
  const stop = new AbortController();
  const signal = AbortSignal.any([parts.signal, stop.signal]);
  const fields: [string, string][] = [];
  let file: Promise<UploadedForm['file']> | undefined;
  const fail = (error: unknown): void => stop.abort(error);

  parser.on('file', (name: string | undefined, stream, given) => {
    // Who reads it tells why it ended: one that gives up destroys the stream, which then fails with a reason of its own.
    stream.on('error', (error) => stream.destroy(error));
    if (name !== 'file') {
      fail(
        refusal(
          (name ?? 'body').slice(0, MAX_NAME_BYTES),
          'invalid_value',
          "The recording belongs into the part 'file'.",
        ),
      );
      return;
    }
    file = blobs
      .put(key, stream, { limit: uploadBytes, signal, lasting })
      .then((facts) => ({ ...facts, name: fileName(given) }));
    file.catch(fail);
  });
  parser.on('field', (name: string | undefined, value, _, isCut) => {
    if (name === undefined || Buffer.byteLength(name) > MAX_NAME_BYTES)
      fail(badForm('the name of a part is missing or too long'));
    else if (name === 'file') fail(refusal('file', 'invalid_value', "The part 'file' is text: give it a filename."));
    else if (isCut) fail(refusal(name, 'invalid_value', `${name}: longer than ${String(MAX_FIELD_BYTES)} bytes.`));
    else fields.push([name, value]);
  });
  parser.on('filesLimit', () => fail(refusal('file', 'invalid_value', 'More than one file: send each by itself.')));
  for (const limit of ['fieldsLimit', 'partsLimit'] as const) {
    parser.on(limit, () => fail(badForm(`it has more than ${String(MAX_FIELDS)} parts`)));
  }
  parser.on('error', (cause) => fail(asFormError(cause)));

  try {
    const finished = once(parser, 'finish', { signal });
    finished.catch(() => {});
    inviteBody(request, response);
    await heeding(signal, pump(pacedBody(request, { clock, idle }), parser, signal));
    await heeding(signal, finished);
    const stored = file === undefined ? undefined : await heeding(signal, file);
    return { fields, ...(stored === undefined ? {} : { file: stored }) };
  } catch (error) {
    const reason = asFormError(signal.aborted ? signal.reason : error);
    fail(reason);
    parser.destroy();
    // It may have been written already when another part was found wrong.
    await file?.then(() => blobs.remove(key)).catch(() => {});
    throw reason;
  }
}

async function pump(chunks: AsyncIterable<Buffer>, parser: BusboyInstance, signal: AbortSignal): Promise<void> {
  for await (const chunk of chunks) {
    if (signal.aborted) return;
    if (!parser.write(chunk)) await once(parser, 'drain', { signal });
  }
  parser.end();
}

function openParser(request: IncomingMessage): BusboyInstance {
  const type = request.headers['content-type'] ?? '';
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new ScriptoriumError('body-unsupported', 'The body must not be compressed.', { details: { field: 'body' } });
  }
  if (!/^multipart\/form-data\s*(;|$)/i.test(type)) {
    throw new ScriptoriumError('body-unsupported', 'The body must be multipart/form-data.', {
      details: { field: 'file' },
    });
  }
  try {
    return new Busboy({
      headers: { ...request.headers, 'content-type': type },
      isPartAFile: (_name, _type, name) => name !== undefined,
      limits: {
        files: 1,
        fields: MAX_FIELDS,
        parts: MAX_FIELDS + 1,
        fieldSize: MAX_FIELD_BYTES,
        headerPairs: MAX_PART_HEADERS,
        headerSize: MAX_PART_HEADER_BYTES,
      },
    });
  } catch (cause) {
    throw badForm('its content type has no boundary', cause);
  }
}

function refuseAnnounced({ headers }: IncomingMessage, limit: number): void {
  const announced = Number(headers['content-length'] ?? 0);
  if (announced <= limit + MAX_FORM_BYTES) return;
  throw new ScriptoriumError(
    'upload-too-large',
    `Maximum content size limit (${String(limit)}) exceeded (${String(announced)} bytes announced).`,
  );
}

/** A parser's complaint about the form, unless it is something of ours. */
function asFormError(error: unknown): unknown {
  if (error instanceof ScriptoriumError || !(error instanceof Error)) return error;
  if (/unexpected end|terminated early/i.test(error.message)) {
    return new ScriptoriumError('upload-unfinished', 'The form is cut off: its last boundary is missing.', {
      cause: error,
    });
  }
  return /multipart|part header|boundary|header/i.test(error.message)
    ? badForm('its parts cannot be read', error)
    : error;
}

const badForm = (what: string, cause?: unknown): ScriptoriumError =>
  new ScriptoriumError('request-invalid', `The form is damaged: ${what}.`, { cause, details: { field: 'body' } });
