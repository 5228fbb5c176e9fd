/** A small S3 server in memory that fails as it is told to: path-style, unsigned, pages of three. */
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export type Call = 'put' | 'get' | 'head' | 'delete' | 'list' | 'begin' | 'part' | 'complete' | 'abort' | 'uploads';

/**
 * What happens to a call: an answer with a code of S3; `silent` for none; `cut` for half of the body; `short` for a whole body of too
 * few bytes; `unheard` when it is done, and nobody is told; `page` for what a web server says.
 */
export type Misfortune =
  { readonly status: number; readonly code: string } | 'silent' | 'cut' | 'short' | 'unheard' | 'page' | 'held';

interface Upload {
  readonly key: string;
  readonly madeBy: string;
  readonly begun: Date;
  readonly parts: Map<number, Buffer>;
}

interface StoredObject {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly madeBy: string;
  readonly at: Date;
}

export interface MadeStore extends AsyncDisposable {
  /** The address of its bucket. */
  readonly url: string;
  readonly objects: Map<string, StoredObject>;
  readonly uploads: Map<string, Upload>;
  readonly calls: readonly Call[];
  /** The next calls of a kind meet these, one each; the last one stays when it is to. */
  meets(call: Call, misfortunes: readonly Misfortune[], stays?: 'stays'): void;
  /** Lets the calls go on that were held. */
  release(): void;
}

const BUCKET = '/speech/';
const PAGE = 3;
const NAMES = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

const object = (bytes: Buffer, madeBy: string): StoredObject => ({
  bytes,
  etag: `"${createHash('md5').update(bytes).digest('hex')}"`,
  madeBy,
  at: new Date(),
});

function callOf(method: string, key: string, query: URLSearchParams): Call {
  if (query.has('uploads')) return method === 'POST' ? 'begin' : 'uploads';
  if (query.has('uploadId')) return method === 'PUT' ? 'part' : method === 'POST' ? 'complete' : 'abort';
  if (key === '') return 'list';
  return method === 'PUT' ? 'put' : method === 'HEAD' ? 'head' : method === 'DELETE' ? 'delete' : 'get';
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) if (chunk instanceof Uint8Array) chunks.push(chunk);
  return Buffer.concat(chunks);
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

const failed = (status: number, code: string): Answer => ({
  status,
  body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>made to fail</Message></Error>`,
});

export async function startMadeStore(): Promise<MadeStore> {
  const objects = new Map<string, StoredObject>();
  const uploads = new Map<string, Upload>();
  const calls: Call[] = [];
  const misfortunes = new Map<Call, { readonly left: Misfortune[]; readonly stays: boolean }>();
  const held: (() => void)[] = [];

  const page = <T extends readonly [string, unknown]>(entries: readonly T[], prefix: string, after: string) => {
    const found = entries
      .filter(([key]) => key.startsWith(prefix) && key > after)
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
    return { shown: found.slice(0, PAGE), more: found.length > PAGE };
  };

  const answers: Readonly<
    Record<Call, (key: string, query: URLSearchParams, body: Buffer, request: IncomingMessage) => Answer>
  > = {
    put(key, _query, body, { headers }) {
      if (headers['if-none-match'] === '*' && objects.has(key)) return failed(412, 'PreconditionFailed');
      objects.set(key, object(body, ''));
      return { status: 200, headers: { etag: objects.get(key)?.etag ?? '' } };
    },
    get(key, _query, _body, { headers }) {
      const found = objects.get(key);
      if (found === undefined) return failed(404, 'NoSuchKey');
      if (headers['if-match'] !== undefined && headers['if-match'] !== found.etag)
        return failed(412, 'PreconditionFailed');
      const [, from = '0', to = ''] = /^bytes=(\d+)-(\d+)$/u.exec(headers.range ?? '') ?? [];
      const total = found.bytes.byteLength;
      if (Number(from) >= total) return failed(416, 'InvalidRange');
      const bytes = found.bytes.subarray(Number(from), Number(to) + 1);
      const range = `bytes ${from}-${Number(from) + bytes.byteLength - 1}/${total}`;
      return { status: 206, headers: { etag: found.etag, 'content-range': range }, body: bytes };
    },
    head(key) {
      const found = objects.get(key);
      if (found === undefined) return { status: 404 };
      return { status: 200, headers: { 'x-amz-meta-scriptorium-upload': found.madeBy } };
    },
    delete(key) {
      objects.delete(key);
      return { status: 204 };
    },
    list(_key, query) {
      const { shown, more } = page([...objects], query.get('prefix') ?? '', query.get('continuation-token') ?? '');
      const contents = shown.map(
        ([key, { at }]) => `<Contents><Key>${key}</Key><LastModified>${at.toISOString()}</LastModified></Contents>`,
      );
      const next = more ? `<NextContinuationToken>${shown.at(-1)?.[0] ?? ''}</NextContinuationToken>` : '';
      return {
        status: 200,
        body: `<ListBucketResult ${NAMES}><IsTruncated>${more}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`,
      };
    },
    begin(key, _query, _body, { headers }) {
      const id = randomUUID();
      const madeBy = String(headers['x-amz-meta-scriptorium-upload']);
      uploads.set(id, { key, madeBy, begun: new Date(), parts: new Map() });
      return {
        status: 200,
        body: `<InitiateMultipartUploadResult ${NAMES}><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      };
    },
    part(_key, query, body, { headers }) {
      const upload = uploads.get(query.get('uploadId') ?? '');
      if (upload === undefined) return failed(404, 'NoSuchUpload');
      const md5 = createHash('md5').update(body);
      if (headers['content-md5'] !== md5.copy().digest('base64')) return failed(400, 'BadDigest');
      upload.parts.set(Number(query.get('partNumber')), body);
      return { status: 200, headers: { etag: `"${md5.digest('hex')}"` } };
    },
    complete(key, query) {
      const id = query.get('uploadId') ?? '';
      const upload = uploads.get(id);
      if (upload === undefined) return failed(404, 'NoSuchUpload');
      const parts = [...upload.parts].toSorted(([a], [b]) => a - b).map(([, bytes]) => bytes);
      objects.set(key, object(Buffer.concat(parts), upload.madeBy));
      uploads.delete(id);
      return {
        status: 200,
        body: `<CompleteMultipartUploadResult ${NAMES}><Key>${key}</Key></CompleteMultipartUploadResult>`,
      };
    },
    abort: (_key, query) =>
      uploads.delete(query.get('uploadId') ?? '') ? { status: 204 } : failed(404, 'NoSuchUpload'),
    uploads(_key, query) {
      const entries = [...uploads].map(([id, upload]) => [`${upload.key}\n${id}`, upload] as const);
      const marker = query.get('key-marker');
      const after = marker === null ? '' : `${marker}\n${query.get('upload-id-marker') ?? ''}`;
      const { shown, more } = page(entries, query.get('prefix') ?? '', after);
      const listed = shown.map(([place, { key, begun }]) => {
        const id = place.slice(key.length + 1);
        return `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${begun.toISOString()}</Initiated></Upload>`;
      });
      const [key = '', id = ''] = (shown.at(-1)?.[0] ?? '').split('\n');
      const next = `<NextKeyMarker>${key}</NextKeyMarker><NextUploadIdMarker>${id}</NextUploadIdMarker>`;
      return {
        status: 200,
        body: `<ListMultipartUploadsResult ${NAMES}><IsTruncated>${more}</IsTruncated>${more ? next : ''}${listed.join('')}</ListMultipartUploadsResult>`,
      };
    },
  };

  function send(
    response: ServerResponse,
    { status, headers = {}, body = '' }: Answer,
    misfortune?: 'cut' | 'short',
  ): void {
    const bytes = Buffer.from(body);
    const half = bytes.subarray(0, bytes.byteLength >> 1);
    const told = misfortune === 'short' ? half : bytes;
    response.writeHead(status, { ...headers, 'content-length': String(told.byteLength) });
    if (misfortune === 'cut') response.write(half, () => response.destroy());
    else response.end(told);
  }

  const server = createServer((request, response) => {
    void (async () => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://store');
      const key = pathname.startsWith(BUCKET) ? pathname.slice(BUCKET.length) : '';
      const call = callOf(request.method ?? '', key, searchParams);
      const body = await bodyOf(request);
      calls.push(call);
      const met = misfortunes.get(call);
      const misfortune = met?.stays === true && met.left.length === 1 ? met.left[0] : met?.left.shift();
      if (misfortune === 'silent') return;
      if (misfortune === 'held') await new Promise<void>((resolve) => void held.push(resolve));
      if (misfortune === 'page')
        return send(response, {
          status: 200,
          headers: { 'content-type': 'text/html' },
          body: '<html><p>Hello<br></html>',
        });
      if (typeof misfortune === 'object') return send(response, failed(misfortune.status, misfortune.code));
      const answer = answers[call](key, searchParams, body, request);
      if (misfortune === 'unheard') response.destroy();
      else send(response, answer, misfortune === 'held' ? undefined : misfortune);
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const release = (): void => {
    for (const goOn of held.splice(0)) goOn();
  };
  return {
    url: `s3://speech/site?endpoint=http://127.0.0.1:${address.port}`,
    objects,
    uploads,
    calls,
    meets: (call, met, stays) => void misfortunes.set(call, { left: [...met], stays: stays === 'stays' }),
    release,
    async [Symbol.asyncDispose]() {
      release();
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
