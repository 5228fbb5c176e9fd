import { expect, test } from 'vitest';
import { DEFAULT_DECODE_OPTIONS, millis, uploadKey, type TranscriptionRequest } from '../../core/index.ts';
import { eventually } from '../testing/eventually.ts';
import { madeBroker, type MadeBroker } from '../testing/made-broker.ts';
import { form, madeGateway } from '../testing/made-gateway.ts';
import { sayAll } from '../testing/scripted-work.ts';
import { submitTranscription } from './submit.ts';

const KEY = 'the-key-of-somebody-1';

/** A broker whose recordings are done when `finish` is called. */
function heldBroker() {
  let finish = (): void => {};
  const held = new Promise<void>((resolve) => (finish = resolve));
  return { broker: madeBroker(sayAll(['Fox.'], () => held)), finish: () => finish() };
}

/** What a server that was killed had accepted. */
async function left(broker: MadeBroker, id: string, tenant: string, more: Partial<TranscriptionRequest> = {}) {
  const file = await broker.blobs.put(uploadKey(id), new Blob(['RIFF....WAVE']).stream(), { limit: 100 });
  const request: TranscriptionRequest = {
    name: 'fox.wav',
    jobClass: 'batch',
    channels: 'mix',
    model: 'tiny.en',
    options: DEFAULT_DECODE_OPTIONS,
    ...file,
    retention: millis(1000),
    metadata: {},
    ...more,
  };
  await submitTranscription(broker, { id, tenant, request });
}

/** As the route of OpenAI's API asks for the file of `form`. */
const BLOCKING = { jobClass: 'interactive', options: { ...DEFAULT_DECODE_OPTIONS, keywords: [] } } as const;

const create = (url: string): Promise<Response> =>
  fetch(`${url}/v1/jobs`, { method: 'POST', body: form(), headers: { authorization: `Bearer ${KEY}` } });
const send = (url: string): Promise<Response> =>
  fetch(`${url}/v1/audio/transcriptions`, { method: 'POST', body: form() });

test("jobs that were accepted before a restart count among those of their key until they end, and only of their key's", async () => {
  const { broker, finish } = heldBroker();
  await left(broker, 'job_1', 'ann');
  await left(broker, 'job_2', 'ann');
  await left(broker, 'job_3', 'archive');
  const { url } = await madeGateway(broker, { keys: [`ann ${KEY} jobs=2`] });
  expect((await create(url)).status).toBe(429);
  finish();
  await eventually(async () => expect((await create(url)).status).toBe(202));
});

test('jobs that ended before a restart count no more', async () => {
  const { broker, finish } = heldBroker();
  finish();
  await left(broker, 'job_1', 'ann');
  await eventually(async () => expect((await broker.sessions.read('job_1'))?.record.state).toBe('succeeded'));
  const { url } = await madeGateway(broker, { keys: [`ann ${KEY} jobs=1`] });
  expect((await create(url)).status).toBe(202);
});

test('a client that sends its file again after a restart joins the work that it waited for', async () => {
  const { broker, finish } = heldBroker();
  await left(broker, 'job_1', 'local', BLOCKING);
  const { url } = await madeGateway(broker, { settings: { abandoned: millis(60_000) } });
  const again = send(url);
  await eventually(() => expect(broker.events.followers()).toBe(1));
  finish();
  expect(await (await again).json()).toMatchObject({ text: 'Fox.' });
  expect(broker.put).toHaveLength(1);
  await eventually(() => expect(broker.forgotten).toEqual(['job_1']));
});

test('what was done before the restart, but not answered, is the answer', async () => {
  const { broker, finish } = heldBroker();
  finish();
  await left(broker, 'job_1', 'local', BLOCKING);
  await eventually(async () => expect((await broker.sessions.read('job_1'))?.record.state).toBe('succeeded'));
  const { url } = await madeGateway(broker, { settings: { abandoned: millis(60_000) } });
  expect(await (await send(url)).json()).toMatchObject({ text: 'Fox.' });
  expect(broker.put).toHaveLength(1);
});

test('a blocking request whose recording went with the server is forgotten, and begun anew when it is sent again', async () => {
  const { broker, finish } = heldBroker();
  await left(broker, 'job_1', 'local', BLOCKING);
  await broker.blobs.remove(uploadKey('job_1'));
  const { url } = await madeGateway(broker, { settings: { abandoned: millis(60_000) } });
  await eventually(() => expect(broker.forgotten).toEqual(['job_1']));
  finish();
  expect(await (await send(url)).json()).toMatchObject({ text: 'Fox.' });
  expect(broker.put).toHaveLength(2);
});

test('a blocking request that nobody sends again is ended after a while, and nothing of it stays; jobs go on', async () => {
  const { broker } = heldBroker();
  await left(broker, 'job_1', 'local', BLOCKING);
  await left(broker, 'job_2', 'local', BLOCKING);
  await left(broker, 'job_3', 'local');
  await madeGateway(broker, { settings: { abandoned: millis(10) } });
  await eventually(() => expect(broker.forgotten.toSorted()).toEqual(['job_1', 'job_2']));
  expect(broker.blobs.keys()).toEqual([uploadKey('job_3')]);
});
