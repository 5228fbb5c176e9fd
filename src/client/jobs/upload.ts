import type { JobOptions } from './job.ts';

/** A recording: what a page or a program has of it, or where the server finds it. */
export type Recording =
  | Blob
  | { readonly source: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>; readonly name: string }
  | { readonly url: string };

interface Upload {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RequestInit['body'];
}

/** The request that makes a job of a recording. @param boundary a word that no recording has. */
export function uploadOf(recording: Recording, options: JobOptions, boundary: string): Upload {
  if (recording instanceof Blob) {
    const form = new FormData();
    for (const [name, value] of fields(options)) form.append(name, value);
    const name: unknown = Reflect.get(recording, 'name');
    form.append('file', recording, typeof name === 'string' && name !== '' ? name : 'recording');
    return { headers: {}, body: form };
  }
  if ('url' in recording) {
    const body = JSON.stringify({ ...options, input: { url: recording.url } });
    return { headers: { 'content-type': 'application/json' }, body };
  }
  const type = `multipart/form-data; boundary=${boundary}`;
  return { headers: { 'content-type': type }, body: multipart(recording, fields(options), boundary) };
}

const fields = (options: JobOptions): (readonly [string, string])[] =>
  Object.entries(options).flatMap(([name, value]: [string, unknown]) =>
    value === undefined ? [] : [[name, textOf(value)] as const],
  );

const textOf = (value: unknown): string => {
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/** RFC 7578, written as it is read, so that a recording of any length needs the memory of one chunk. */
function multipart(
  { source, name }: Extract<Recording, { source: unknown }>,
  parts: readonly (readonly [string, string])[],
  boundary: string,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const head = parts.map(
    ([field, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${field}"\r\n\r\n${value}\r\n`,
  );
  const safe = name.replaceAll(/["\r\n\\]/g, '_');
  const file = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${safe}"\r\ncontent-type: application/octet-stream\r\n\r\n`;
  async function* body(): AsyncGenerator<Uint8Array> {
    yield encoder.encode(head.join('') + file);
    yield* chunks(source);
    yield encoder.encode(`\r\n--${boundary}--\r\n`);
  }
  const written = body();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next: IteratorResult<Uint8Array, unknown> = await written.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
    async cancel() {
      await written.return(undefined);
    },
  });
}

/** Browsers' streams are not all iterable. */
async function* chunks(stream: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (!('getReader' in stream)) {
    yield* stream;
    return;
  }
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
