import { expect, test } from 'vitest';
import { Job } from '../../protocol/index.ts';
import { eventually } from '../testing/eventually.ts';
import { madeBroker } from '../testing/made-broker.ts';
import { form, madeGateway } from '../testing/made-gateway.ts';
import { rawRequest } from '../testing/raw-http.ts';
import { sayAll } from '../testing/scripted-work.ts';

const KEY = 'a-key-of-24-characters-x';
const DIGEST = 'sha256:8ef9d5ae2d80de3ab1f1b4dc6ad7d2bc2dd64e9a47c6cbc1b1f1a3cf8a3b6d7e';
const PATH = '/v1/audio/transcriptions';
const talks = () => madeBroker(sayAll(['The secret fox.']));

test('takes a key wherever a kind of client puts it, and no other', async () => {
  const { url } = await madeGateway(talks(), { keys: [`a ${KEY}`, `b ${DIGEST}`] });
  const status = async (headers: Readonly<Record<string, string>>): Promise<number> =>
    (await fetch(`${url}/v1/models`, { headers })).status;
  for (const authorization of [`Bearer ${KEY}`, `bearer ${KEY}`, `Token ${KEY}`, KEY]) {
    expect(await status({ authorization })).toBe(200);
  }
  expect(await status({ 'api-key': KEY })).toBe(200);
  for (const wrong of [`${KEY}x`, KEY.slice(1), DIGEST.slice(7), 'Bearer', '', 'x'.repeat(5000)]) {
    expect(await status({ authorization: `Bearer ${wrong}` })).toBe(401);
  }
  const response = await fetch(`${url}/v1/models`);
  expect([response.status, await response.json()]).toMatchObject([401, { error: { code: 'invalid_api_key' } }]);
});

test('refuses to listen beyond the machine without a key, unless it is told to', async () => {
  const host = '0.0.0.0';
  await expect(madeGateway(talks(), { settings: { host } })).rejects.toMatchObject({ code: 'keys-missing' });
  const open = await madeGateway(talks(), { settings: { host, allowOpen: true } });
  expect((await fetch(`http://127.0.0.1:${String(open.port)}/v1/models`)).status).toBe(200);
  await expect(madeGateway(talks(), { settings: { host }, keys: [KEY] })).resolves.toBeDefined();
});

test('without a key, no web page uses the server: not by its origin, nor by a name that leads here', async () => {
  const broker = talks();
  const { url, port } = await madeGateway(broker);
  const from = async (origin: string): Promise<number> =>
    (await fetch(url + PATH, { method: 'POST', body: form(), headers: { origin } })).status;
  expect(await from('https://evil.test')).toBe(403);
  expect(await from('null')).toBe(403);
  expect(await from('http://localhost:3000')).toBe(200);
  const rebound = await rawRequest(port, ['GET /v1/models HTTP/1.1\r\nhost: evil.test\r\nconnection: close\r\n\r\n']);
  expect(rebound).toMatch(/^HTTP\/1\.1 403/);
});

test('lets pages read answers only where they are named', async () => {
  const { url } = await madeGateway(talks(), { keys: [KEY], settings: { cors: ['https://app.test'] } });
  const preflight = async (origin: string): Promise<string | null> => {
    const headers = {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    };
    const response = await fetch(url + PATH, { method: 'OPTIONS', headers });
    expect(response.status).toBe(204);
    return response.headers.get('access-control-allow-origin');
  };
  expect(await preflight('https://app.test')).toBe('https://app.test');
  expect(await preflight('https://evil.test')).toBeNull();
});

test('bounds what a key uses, in the words that its client waits by', async () => {
  const { url } = await madeGateway(talks(), { keys: [`a ${KEY} requests=2`, 'another-key-of-somebody'] });
  const ask = (key: string) =>
    fetch(url + PATH, { method: 'POST', body: form(), headers: { authorization: `Bearer ${key}` } });
  const [first, second, third] = [await ask(KEY), await ask(KEY), await ask(KEY)];
  expect([first.status, second.status, third.status]).toEqual([200, 200, 429]);
  expect(first.headers.get('x-ratelimit-limit-requests')).toBe('2');
  expect(second.headers.get('x-ratelimit-remaining-requests')).toBe('0');
  expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(20);
  expect(await third.json()).toMatchObject({ error: { code: 'rate_limit_exceeded' } });
  expect((await ask('another-key-of-somebody')).status).toBe(200);
});

test('counts jobs until their end, and audio after it', async () => {
  const { url } = await madeGateway(
    madeBroker(async () => {}),
    { keys: [`${KEY} jobs=1`] },
  );
  const headers = { authorization: `Bearer ${KEY}` };
  const create = () => fetch(`${url}/v1/jobs`, { method: 'POST', body: form({ model: 'tiny.en' }), headers });
  const created = await create();
  const { id } = Job.parse(await created.json());
  expect((await create()).status).toBe(429);
  await fetch(`${url}/v1/jobs/${id}/cancel`, { method: 'POST', headers });
  await eventually(async () => expect((await create()).status).toBe(202));
  const hours = await madeGateway(talks(), { keys: [`${KEY} audio=2`] });
  const ask = async () => (await fetch(hours.url + PATH, { method: 'POST', body: form(), headers })).status;
  expect([await ask(), await ask()]).toEqual([200, 429]);
});

test('neither keys nor speech are in any line of the log', async () => {
  const { url, log } = await madeGateway(talks(), { keys: [KEY] });
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const headers = { authorization: `Bearer ${KEY}`, 'x-request-id': 'my-request-1', traceparent };
  const body = form({ prompt: 'The secret prompt.' });
  const response = await fetch(`${url}${PATH}?api-key=${KEY}`, { method: 'POST', body, headers });
  expect(response.headers.get('x-request-id')).toBe('my-request-1');
  expect(await response.text()).toContain('The secret fox.');
  await eventually(() => expect(log.some((line) => line.includes('"message":"request"'))).toBe(true));
  expect(log.filter((line) => line.includes('my-request-1')).length).toBeGreaterThan(1);
  expect(log.join('\n')).toContain('"traceId":"4bf92f3577b34da6a3ce929d0e0e4736"');
  expect(log.join('\n')).not.toMatch(/secret|a-key-of/);
});
