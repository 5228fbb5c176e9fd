import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createClient } from '../index.ts';
import { HURRIED } from '../testing/hurried.ts';
import { readEventStream } from './event-stream.ts';
import type { JobEvent } from './job.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A server that gives the answers one after the other, and keeps what it was asked. */
async function answering(...answers: readonly Answer[]) {
  const asked: string[] = [];
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { authorization = '-', 'last-event-id': last = '-' } = request.headers;
      asked.push([request.method, request.url, authorization, last].join(' '));
      bodies.push(Buffer.concat(chunks).toString('latin1'));
      const answer = answers[asked.length - 1];
      if (answer === undefined) response.writeHead(500).end('not expected');
      else answer(request, response, bodies.at(-1) ?? '');
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const client = createClient({ url: `http://127.0.0.1:${String(port)}/base`, key: 'secret', timers: HURRIED });
  return {
    jobs: client.jobs,
    asked,
    bodies,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const job = (status: string): object => ({
  id: 'job_1',
  status,
  finished_at: status === 'running' ? null : '2026-01-01T00:00:00Z',
});
const json =
  (body: object, status = 200): Answer =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const breaksOff: Answer = (request) => request.socket.destroy();
const events =
  (text: string, isWhole: boolean): Answer =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(text, () => (isWhole ? response.end() : response.destroy()));
  };

test('makes a job of a file, of a stream and of an address, with every option', async () => {
  await using server = await answering(json(job('running')), json(job('running')), json(job('running')));
  const options = { model: 'base', keywords: ['one', 'two'], words: false, metadata: { case: '17' } };
  await server.jobs.create(new File(['sound'], 'talk.wav'), options);
  const parts = (async function* () {
    yield Uint8Array.of(65, 66);
    yield Uint8Array.of(67);
  })();
  await server.jobs.create({ source: parts, name: 'a"b.wav' }, { ...options, idempotencyKey: 'once' });
  expect(await server.jobs.create({ url: 'https://host.example/a.wav' }, options)).toMatchObject({ id: 'job_1' });
  expect(server.asked).toEqual(Array.from({ length: 3 }, () => 'POST /base/v1/jobs Bearer secret -'));
  for (const body of server.bodies.slice(0, 2)) {
    expect(body).toMatch(/name="model"\r\n\r\nbase\r\n/);
    expect(body).toMatch(/name="keywords"\r\n\r\none,two\r\n/);
    expect(body).toMatch(/name="words"\r\n\r\nfalse\r\n/);
    expect(body).toMatch(/name="metadata"\r\n\r\n{"case":"17"}\r\n/);
  }
  expect(server.bodies[0]).toMatch(/filename="talk.wav"\r\n[^]*\r\n\r\nsound\r\n/);
  expect(server.bodies[1]).toMatch(/filename="a_b.wav"\r\n[^]*\r\n\r\nABC\r\n/);
  expect(JSON.parse(server.bodies[2] ?? '')).toEqual({ ...options, input: { url: 'https://host.example/a.wav' } });
});

test('waits until a job has ended, over broken connections', async () => {
  await using server = await answering(json(job('running')), breaksOff, json({}, 503), json(job('failed')));
  expect(await server.jobs.wait('job_1')).toMatchObject({ status: 'failed' });
  expect(server.asked.at(-1)).toBe('GET /base/v1/jobs/job_1?wait=30 Bearer secret -');
});

test('events go on where they broke off, each once, to the last', async () => {
  const one = 'id: 1\nevent: queued\ndata: {"at":"t"}\n\n: ping\n\n';
  const two = 'id: 2\r\nevent: started\r\ndata: {"at":\r\ndata: "t"}\r\n\r\n';
  const three = `id: 3\nevent: succeeded\ndata: ${JSON.stringify({ at: 't', job: job('succeeded') })}\n\n`;
  await using server = await answering(
    events(`${one}${two}id: 3\nevent: su`, false),
    breaksOff,
    events(two + three, true),
  );
  const seen: JobEvent[] = [];
  for await (const event of server.jobs.events('job_1')) seen.push(event);
  expect(seen.map(({ id, type }) => [id, type])).toEqual([
    [1, 'queued'],
    [2, 'started'],
    [3, 'succeeded'],
  ]);
  expect(server.asked.map((line) => line.split(' ').at(-1))).toEqual(['0', '2', '2']);
});

test('events behind the last one of an ended job are none, and that is no failure', async () => {
  await using server = await answering(events('', true), json(job('succeeded')), events(': ping\n\n', true));
  for await (const event of server.jobs.events('job_1', { after: 3 })) expect(event).toBe('none');
  expect(server.asked.map((line) => line.split(' ').slice(1).join(' '))).toEqual([
    '/base/v1/jobs/job_1/events Bearer secret 3',
    '/base/v1/jobs/job_1 Bearer secret -',
    '/base/v1/jobs/job_1/events Bearer secret 3',
  ]);
});

test('the last event is told though the job ends right behind an answer that has none', async () => {
  const last = `id: 3\nevent: succeeded\ndata: ${JSON.stringify({ at: 't', job: job('succeeded') })}\n\n`;
  await using server = await answering(
    events('', true),
    json(job('running')),
    events('', true),
    json(job('succeeded')),
    events(last, true),
  );
  const seen: JobEvent[] = [];
  for await (const event of server.jobs.events('job_1', { after: 2 })) seen.push(event);
  expect(seen.map(({ id, type }) => [id, type])).toEqual([[3, 'succeeded']]);
  const [asking, looking] = ['/base/v1/jobs/job_1/events', '/base/v1/jobs/job_1'];
  expect(server.asked.map((line) => line.split(' ')[1])).toEqual([asking, looking, asking, looking, asking]);
});

test('a refusal is told by its code and not asked for again; one who cancels is told so', async () => {
  const problem = { code: 'job-unknown', detail: 'There is no such job.' };
  await using server = await answering(json(problem, 404), json(problem, 404), (_request, response) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders(),
  );
  await expect(server.jobs.wait('job_2')).rejects.toMatchObject({ code: 'job-unknown', status: 404, retryable: false });
  await expect(server.jobs.get('job_2')).rejects.toMatchObject({ message: 'There is no such job.' });
  const controller = new AbortController();
  const following = (async () => {
    for await (const event of server.jobs.events('job_1', { signal: controller.signal })) expect(event).toBe('none');
  })();
  while (server.asked.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
  controller.abort();
  await expect(following).rejects.toMatchObject({ code: 'cancelled' });
  expect(server.asked.length).toBe(3);
});

test('gets texts, lists, cancels and deletes', async () => {
  await using server = await answering(
    json({ text: 'Hello.', language: 'english' }),
    (_request, response) => response.end('1\n00:00'),
    json({ data: [job('running')], next: null }),
    json(job('cancelled')),
    (_request, response) => response.writeHead(204).end(),
    (_request, response) => response.end('<html>'),
  );
  expect((await server.jobs.result('job_1')).text).toBe('Hello.');
  expect(await server.jobs.document('job_1', 'srt', { channel: 1 })).toBe('1\n00:00');
  expect((await server.jobs.list({ limit: 5, status: 'running' })).data).toHaveLength(1);
  expect((await server.jobs.cancel('job_1')).status).toBe('cancelled');
  await server.jobs.delete('job_1');
  await expect(server.jobs.get('job_1')).rejects.toMatchObject({ code: 'protocol-violated' });
  expect(server.asked.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
    'GET /base/v1/jobs/job_1/result?format=verbose_json',
    'GET /base/v1/jobs/job_1/result?format=srt&channel=1',
    'GET /base/v1/jobs?limit=5&status=running',
    'POST /base/v1/jobs/job_1/cancel',
    'DELETE /base/v1/jobs/job_1',
    'GET /base/v1/jobs/job_1',
  ]);
});

test('an event stream is read the same however it is cut into chunks, and any bytes are survived', async () => {
  const text = ': hi\r\n\r\nid: 7\revent: a\rdata: ä\r\rdata:x\ndata: y\n\nevent: b\n\nid: 8\ndata: z\n\ndata: left';
  const bytes = new TextEncoder().encode(text);
  const read = async (chunks: readonly Uint8Array[]) => {
    const found: object[] = [];
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(chunk);
        controller.close();
      },
    });
    for await (const event of readEventStream(body)) found.push(event);
    return found;
  };
  const expected = [
    { id: '7', event: 'a', data: 'ä' },
    { id: '7', event: 'message', data: 'x\ny' },
    { id: '8', event: 'message', data: 'z' },
  ];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length)), async (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((to, i) => bytes.slice(places[i], to));
      expect(await read(chunks)).toEqual(expected);
    }),
    { numRuns: 50 },
  );
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (noise) => void (await read([noise]))));
});
