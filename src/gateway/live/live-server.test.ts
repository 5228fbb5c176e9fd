import { createConnection } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Vad } from '../../core/index.ts';
import { madeBroker } from '../testing/made-broker.ts';
import { madeGateway } from '../testing/made-gateway.ts';
import { DEFAULT_LIVE_SETTINGS } from './live-settings.ts';

interface Ended {
  readonly told: readonly unknown[];
  readonly code: number;
}

/** What a client is told that says `first`, and with which code it is closed. */
const endOf = (url: string, first?: Uint8Array): Promise<Ended> =>
  new Promise((resolve) => {
    const told: unknown[] = [];
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/live`, 'stt.live.v1');
    socket.on('error', () => {});
    socket.on('open', () => first !== undefined && socket.send(first));
    socket.on('message', (data: Buffer) => told.push(JSON.parse(data.toString('utf8'))));
    socket.on('close', (code) => resolve({ told, code }));
  });

const UPGRADE = [
  'GET /v1/live HTTP/1.1',
  'host: localhost',
  'connection: upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  `sec-websocket-key: ${'A'.repeat(22)}==`,
  '\r\n',
].join('\r\n');

test('whoever is turned away and goes on with what is no frame breaks nothing', async () => {
  const keys = ['somebody a-key-of-24-characters-x'];
  const { port, url } = await madeGateway(
    madeBroker(async () => {}),
    { keys },
  );
  await new Promise((resolve) => {
    const wire = createConnection(port, '127.0.0.1').resume();
    wire.on('error', () => {});
    wire.on('close', resolve);
    wire.write(Buffer.concat([Buffer.from(UPGRADE), Buffer.alloc(64, 0xff)]));
  });
  expect(await endOf(url)).toMatchObject({ told: [{ code: 'key-invalid' }], code: 4401 });
});

test.each([
  [{}, 'session.created'],
  [{ 'OpenAI-Beta': 'realtime=v1' }, 'transcription_session.created'],
])('a Realtime request with the headers %o begins with %s', async (headers, type) => {
  const vad = async (): Promise<Vad> => ({
    open: () => ({ push: async () => new Float32Array(0) }),
    async [Symbol.asyncDispose]() {},
  });
  const { url } = await madeGateway(
    madeBroker(async () => {}),
    { parts: { vad } },
  );
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/realtime`, { headers });
  const first = await new Promise<string>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data: Buffer) => resolve(data.toString('utf8')));
  });
  socket.close();
  expect(JSON.parse(first)).toMatchObject({ type });
});

test.each([1.1, 5, 100])('a message of %d times what is taken is told and closed with 4413', async (times) => {
  const { url } = await madeGateway(madeBroker(async () => {}));
  const { told, code } = await endOf(url, new Uint8Array(DEFAULT_LIVE_SETTINGS.frameBytes * times));
  expect(told).toMatchObject([{ type: 'error', code: 'frame-too-large', fatal: true }]);
  expect(code).toBe(4413);
});
