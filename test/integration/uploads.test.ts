/** What becomes of uploads that the store gives up in their middle, over HTTP and on a real disk. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeClock } from '../../src/app/node-clock.ts';
import { openLocalBroker } from '../../src/brokers/index.ts';
import { millis, ScriptoriumError, type BlobStore, type Broker } from '../../src/core/index.ts';
import { madeBroker } from '../../src/gateway/testing/made-broker.ts';
import { form, madeGateway } from '../../src/gateway/testing/made-gateway.ts';
import { removeFolder, tempFolder } from './testing/file-service.ts';

const PATHS = ['/v1/audio/transcriptions', '/v1/jobs'];
const MIB = 2 ** 20;

let folder: string;
let broker: Broker;
beforeEach(async () => {
  folder = await tempFolder();
  broker = await openLocalBroker({ folder, clock: nodeClock, startedAt: millis(Date.now()) });
});
afterEach(async () => {
  await broker[Symbol.asyncDispose]();
  await removeFolder(folder);
});

/** A gateway whose uploads go to the disk. */
async function gateway(blobs: BlobStore = broker.blobs): Promise<string> {
  const idle = madeBroker(async () => {});
  const parts = { broker: { ...broker, blobs } };
  const { url } = await madeGateway(idle, { settings: { uploadBytes: MIB }, parts });
  return url;
}

/** Sends a recording of 3 MiB, with its length or in chunks. */
async function send(url: string, isChunked: boolean): Promise<Response> {
  const whole = new Request(url, { method: 'POST', body: form({ model: 'tiny.en' }, 'x'.repeat(3 * MIB)) });
  const type = whole.headers.get('content-type') ?? '';
  const headers = { 'content-type': type };
  if (!isChunked) return fetch(url, { method: 'POST', headers, body: await whole.arrayBuffer() });
  return fetch(url, { method: 'POST', headers, body: whole.body, duplex: 'half' });
}

test.each(PATHS.flatMap((path) => [false, true].map((isChunked) => ({ path, isChunked }))))(
  'a file above the limit is refused as too large and leaves nothing: $path, chunked: $isChunked',
  async ({ path, isChunked }) => {
    const response = await send(`${await gateway()}${path}`, isChunked);
    expect([response.status, await response.text()]).toEqual([413, expect.stringContaining(String(MIB))]);
    expect(await readdir(join(folder, 'blobs'))).toEqual(['.parts']);
    expect(await readdir(join(folder, 'blobs', '.parts'))).toEqual([]);
  },
);

test.each(PATHS)('a disk that fills in the middle of a file is told as that: %s', async (path) => {
  const filling: BlobStore = {
    ...broker.blobs,
    put: (key, bytes, options) => broker.blobs.put(key, untilFull(bytes), options),
  };
  const response = await send(`${await gateway(filling)}${path}`, false);
  expect([response.status, await response.text()]).toEqual([507, expect.stringContaining('no space left')]);
});

/** Half a MiB of it, then what writing to a full disk fails with. */
async function* untilFull(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.byteLength;
    if (size > MIB / 2) throw new ScriptoriumError('storage-full', 'no space left for the disk; free some');
    yield chunk;
  }
}
