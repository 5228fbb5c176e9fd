/** Webhooks from a transcription's end to a receiver that listens. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { lookup } from 'node:dns';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { startWebhooks } from '../../src/aggregator/index.ts';
import { httpPost } from '../../src/app/server/http-post.ts';
import { nodeClock } from '../../src/app/node-clock.ts';
import { millis, type Vad } from '../../src/core/index.ts';
import { scriptedEngine } from '../../src/engines/scripted/index.ts';
import {
  JFK,
  fileService,
  loadVad,
  noTelemetry,
  removeFolder,
  tempFolder,
  type FileService,
} from './testing/file-service.ts';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const SECRETS = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];

let vad: Vad;
let folder: string;
let service: FileService;
let receiver: Server;
let url: string;
let received: Received[];
/** What the receiver answers, one after the other; 204 from then on. */
let answers: number[];
let stopWebhooks: () => Promise<void>;

beforeAll(async () => {
  vad = await loadVad();
});
beforeEach(async () => {
  folder = await tempFolder();
  received = [];
  answers = [];
  receiver = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      const status = answers.shift() ?? 204;
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const address = receiver.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? String(address?.port) : ''}/hook`;
  const engine = scriptedEngine({ clock: nodeClock, concurrency: 2, service: () => millis(1) });
  service = await fileService({ folder, engine, vad });
  const webhooks = startWebhooks({
    broker: service.broker,
    clock: nodeClock,
    telemetry: noTelemetry,
    post: httpPost(lookup, true),
    secrets: SECRETS,
    bodyOf: (id, record) => JSON.stringify({ type: `transcription.job.${record.state}`, data: { id } }),
    random: () => 0,
    name: 'webhooks',
    extendEvery: millis(500),
  });
  stopWebhooks = () => webhooks.stop(AbortSignal.abort());
});
afterEach(async () => {
  await stopWebhooks();
  await service.stop();
  receiver.close();
  await removeFolder(folder);
});

test('tells of the end once, and receivers with any of the secrets find it genuine, by the library that they use', async () => {
  await service.submit('job_1', JFK, { webhook: { url } });
  await vi.waitUntil(() => received.length > 0, { timeout: 30_000 });
  const [{ headers, body } = { headers: {}, body: '' }] = received;
  expect(JSON.parse(body)).toEqual({ type: 'transcription.job.succeeded', data: { id: 'job_1' } });
  expect(headers['content-type']).toBe('application/json');
  const signed = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  for (const secret of SECRETS) {
    const webhook = new Webhook(`whsec_${secret.toString('base64')}`);
    expect(webhook.verify(body, signed)).toEqual(JSON.parse(body));
    expect(() => webhook.verify(body.replace('job_1', 'job_2'), signed)).toThrow('No matching signature found');
    expect(() => webhook.verify(body, { ...signed, 'webhook-id': 'another' })).toThrow('No matching signature found');
  }
  const stranger = new Webhook(`whsec_${Buffer.alloc(32, 3).toString('base64')}`);
  expect(() => stranger.verify(body, signed)).toThrow('No matching signature found');
  expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60);
  await vi.waitUntil(() => service.broker.webhooks.stats().classes.batch.depth === 0);
  expect(received.length).toBe(1);
});

test.each([500, 302])('tries again later after %i, and follows no redirect', async (status) => {
  answers = [status];
  await service.submit('job_1', JFK, { webhook: { url } });
  await vi.waitUntil(() => service.broker.webhooks.stats().delayed === 1, { timeout: 30_000 });
  expect(received.length).toBe(1);
  expect(service.broker.webhooks.stats().dead).toBe(0);
});

test('a receiver that is gone gets no more, and the message is kept as a dead letter that can be sent anew', async () => {
  answers = [410];
  await service.submit('job_1', JFK, { webhook: { url } });
  await vi.waitUntil(() => service.broker.webhooks.stats().dead === 1, { timeout: 30_000 });
  const [letter] = await service.broker.webhooks.dead(10);
  expect(letter).toMatchObject({ session: 'job_1', reason: 'answered with 410', attempts: 1 });
  expect(await service.broker.webhooks.requeueDead(letter?.id ?? '')).toBe(true);
  await vi.waitUntil(() => received.length === 2, { timeout: 30_000 });
  expect(received[1]?.headers['webhook-id']).toBe(received[0]?.headers['webhook-id']);
  expect(received[1]?.body).toBe(received[0]?.body);
});

test('connects to no address of a private network unless it is allowed to', async () => {
  const post = httpPost(lookup, false);
  const request = { headers: {}, body: '{}', signal: new AbortController().signal };
  for (const host of ['127.0.0.1', '2130706433', '[::1]', '[::ffff:127.0.0.1]', 'localhost']) {
    await expect(post(url.replace('127.0.0.1', host), request)).rejects.toMatchObject({ code: 'url-refused' });
  }
  expect(received).toEqual([]);
});

test('a failure is told of too', async () => {
  await service.submit('job_1', new URL(import.meta.url).pathname, { webhook: { url } });
  await vi.waitUntil(() => received.length > 0, { timeout: 30_000 });
  expect(received[0]?.body).toContain('transcription.job.failed');
});
