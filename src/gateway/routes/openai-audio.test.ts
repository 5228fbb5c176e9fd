import { expect, test } from 'vitest';
import { millis } from '../../core/index.ts';
import { JsonAnswer, VerboseAnswer } from '../../protocol/index.ts';
import { eventually } from '../testing/eventually.ts';
import { madeBroker } from '../testing/made-broker.ts';
import { form, madeGateway } from '../testing/made-gateway.ts';
import { failWith, sayAll } from '../testing/scripted-work.ts';

const SAID = ['See the quick', 'brown fox.'];
const PATH = '/v1/audio/transcriptions';

async function ask(fields: Readonly<Record<string, string>> = {}, path = PATH): Promise<Response> {
  const { url } = await madeGateway(madeBroker(sayAll(SAID)));
  return fetch(url + path, { method: 'POST', body: form(fields) });
}

test('answers a file with its text', async () => {
  const response = await ask();
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('application/json');
  expect(response.headers.get('openai-processing-ms')).toMatch(/^\d+$/);
  expect(response.headers.get('x-request-id')).toMatch(/^req_[0-9a-z]{16}$/);
  expect(JsonAnswer.parse(await response.json())).toEqual({
    text: 'See the quick brown fox.',
    usage: { type: 'duration', seconds: 5 },
  });
});

test('answers verbose_json with every number of every segment, and words where they were asked for', async () => {
  const verbose = await ask({ response_format: 'verbose_json', 'timestamp_granularities[]': 'segment' });
  const body: unknown = await verbose.json();
  expect(VerboseAnswer.parse(body)).toEqual(body);
  expect(body).toMatchObject({ task: 'transcribe', language: 'english', duration: 4.47, usage: { seconds: 5 } });
  expect(body).toHaveProperty('segments.1', {
    id: 1,
    seek: 200,
    start: 2,
    end: 3.5,
    text: ' brown fox.',
    tokens: [1],
    temperature: 0,
    avg_logprob: -0.25,
    compression_ratio: 1.1,
    no_speech_prob: 0.01,
  });
  expect(body).not.toHaveProperty('words');
  const words: unknown = await (
    await ask({ response_format: 'verbose_json', 'timestamp_granularities[]': 'word' })
  ).json();
  expect(words).toHaveProperty('words.3', { word: 'brown', start: 2, end: 2.09 });
  expect(words).not.toHaveProperty('segments');
});

test('answers text and subtitles as they are, in no JSON', async () => {
  const text = await ask({ response_format: 'text' });
  expect(text.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(await text.text()).toBe('See the quick brown fox.\n');
  expect(await (await ask({ response_format: 'srt' })).text()).toBe(
    '1\n00:00:00,000 --> 00:00:01,500\nSee the quick\n\n2\n00:00:02,000 --> 00:00:03,500\nbrown fox.\n',
  );
  const vtt = await ask({ response_format: 'vtt' });
  expect(vtt.headers.get('content-type')).toBe('text/vtt; charset=utf-8');
  expect(await vtt.text()).toMatch(/^WEBVTT\n\n00:00:00\.000 --> /);
});

test('answers on the paths of Azure and Groq, and translates', async () => {
  const broker = madeBroker(sayAll(SAID));
  const { url } = await madeGateway(broker);
  const azure = new FormData();
  azure.append('file', new Blob(['x']), 'a.wav');
  const paths = [
    '/openai/deployments/whisper-1/audio/transcriptions?api-version=2024-06-01',
    '/openai/v1/audio/transcriptions',
  ];
  for (const path of paths) {
    const body = path.includes('deployments') ? azure : form();
    expect((await fetch(url + path, { method: 'POST', body })).status).toBe(200);
  }
  const translation = await fetch(`${url}/v1/audio/translations`, {
    method: 'POST',
    body: form({ model: 'org/small' }),
  });
  expect(translation.status).toBe(200);
  expect(broker.put.at(-1)?.body).toMatchObject({
    model: 'org/small',
    options: { task: 'translate', language: 'auto' },
  });
});

test('asks the engine for what the form says, and for the defaults elsewhere', async () => {
  const broker = madeBroker(sayAll(SAID));
  const { url } = await madeGateway(broker);
  const body = form({ model: 'org/small', language: 'German', prompt: 'Ja.', temperature: '0.5' });
  body.append('keywords[]', 'Fuchs');
  await fetch(url + PATH, { method: 'POST', body });
  expect(broker.put[0]).toMatchObject({
    jobClass: 'interactive',
    tenant: 'local',
    body: {
      type: 'prepare',
      name: 'fox.wav',
      model: 'org/small',
      options: { language: 'de', prompt: 'Ja.', temperatures: [0.5], keywords: ['Fuchs'], words: false, beamSize: 5 },
    },
  });
});

test('deletes upload and text once they are answered', async () => {
  const broker = madeBroker(sayAll(SAID));
  const { url } = await madeGateway(broker);
  await (await fetch(url + PATH, { method: 'POST', body: form() })).text();
  await eventually(() => expect(broker.forgotten).toHaveLength(1));
  expect(broker.blobs.keys()).toEqual([]);
});

test('tells clients not to send again what would fail again', async () => {
  const { url } = await madeGateway(madeBroker(failWith('engine-crashed', 'The engine crashed.')));
  const response = await fetch(url + PATH, { method: 'POST', body: form() });
  expect([response.status, response.headers.get('x-should-retry')]).toEqual([503, 'false']);
});

test('gives the failure of the recording with its status', async () => {
  const { url } = await madeGateway(madeBroker(failWith('audio-damaged', 'fox.wav: it is cut off.')));
  const response = await fetch(url + PATH, { method: 'POST', body: form() });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    error: { message: 'fox.wav: it is cut off.', type: 'invalid_request_error', param: 'file', code: null },
  });
});

test.each([
  ['json', /^ {3}/, /^ {3,}\{"text":"See the quick brown fox\."/],
  ['vtt', /^WEBVTT\n\n\n\n/, /^WEBVTT\n{3,}00:00:00\.000 --> /],
  ['srt', /^\n\n/, /^\n{2,}1\n00:00:00,000 --> /],
  ['text', /^See the quick brown fox\.$/, /^See the quick brown fox\.\n$/],
])('begins a long answer in %s early, and shows that it lives', async (format, begun, whole) => {
  let finish = (): void => {};
  const held = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const broker = madeBroker(sayAll(SAID, (index) => (index === 2 ? held : Promise.resolve())));
  const { url } = await madeGateway(broker, { settings: { hold: millis(20), beat: millis(5) } });
  const response = await fetch(url + PATH, { method: 'POST', body: form({ response_format: format }) });
  expect(response.status).toBe(200);
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (begun.test(text)) finish();
  }
  expect(text).toMatch(whole);
});

test('tells a failure in JSON that was begun, and breaks off what is no JSON', async () => {
  const settings = { hold: millis(5), beat: millis(5) };
  for (const format of ['json', 'text']) {
    const fail = failWith('engine-crashed', 'The engine crashed.');
    const { promise, resolve } = madeDeferred();
    const { url } = await madeGateway(
      madeBroker(async (broker, job) => promise.then(() => fail(broker, job))),
      { settings },
    );
    const response = await fetch(url + PATH, { method: 'POST', body: form({ response_format: format }) });
    resolve();
    const told = await response.text().catch(() => 'broken off');
    expect(told.trim()).toBe(
      format === 'text'
        ? 'broken off'
        : '{"error":{"message":"The engine crashed.","type":"server_error","param":null,"code":"engine_crashed"}}',
    );
  }
});

function madeDeferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
