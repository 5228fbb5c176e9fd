import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { onTestFinished, expect, test } from 'vitest';
import { millis } from '../../core/index.ts';
import { madeBroker } from '../testing/made-broker.ts';
import { madeGateway } from '../testing/made-gateway.ts';
import { sayAll } from '../testing/scripted-work.ts';
import { fetchUrl, type FetchParts } from './fetch-url.ts';

/** A web server on this machine; its port. */
async function webServer(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const parts: FetchParts = {
  // Every name leads to this machine.
  lookup: (_name, options, callback) =>
    options.all === true ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4),
  allowPrivate: true,
  total: millis(10_000),
  limit: 1000,
  signal: new AbortController().signal,
};

async function read(url: string, more: Partial<FetchParts> = {}): Promise<string> {
  const { name, bytes } = await fetchUrl(url, { ...parts, ...more });
  let text = `${name}: `;
  for await (const chunk of bytes) text += Buffer.from(chunk).toString();
  return text;
}

test('fetches a recording, through redirects', async () => {
  const port = await webServer((request, response) => {
    if (request.url === '/a') response.writeHead(302, { location: '/d/talk%20one.mp3' }).end();
    else response.end('bytes');
  });
  expect(await read(`http://music.test:${String(port)}/a`)).toBe('talk one.mp3: bytes');
});

test('a name or redirect that leads to this machine is refused where the socket would connect', async () => {
  let asked = 0;
  const port = await webServer((_request, response) => {
    asked += 1;
    response.end('secret');
  });
  const refused = { allowPrivate: false };
  await expect(read(`http://music.test:${String(port)}/`, refused)).rejects.toMatchObject({ code: 'url-refused' });
  await expect(read(`http://127.0.0.1:${String(port)}/`, refused)).rejects.toMatchObject({ code: 'url-refused' });
  await expect(read(`http://[::ffff:127.0.0.1]:${String(port)}/`, refused)).rejects.toMatchObject({
    code: 'url-refused',
  });
  expect(asked).toBe(0);
});

test('a redirect to another scheme is refused', async () => {
  const port = await webServer((_request, response) =>
    response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  );
  await expect(read(`http://music.test:${String(port)}/`)).rejects.toMatchObject({ code: 'url-refused' });
});

test('says why an address gave nothing', async () => {
  const port = await webServer((request, response) => {
    if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end();
    else if (request.url === '/big') response.writeHead(200, { 'content-length': '5000' }).end();
    else if (request.url === '/cut')
      response.writeHead(200, { 'content-length': '50' }).write('x', () => response.destroy());
    else response.writeHead(404).end();
  });
  const from = `http://music.test:${String(port)}`;
  await expect(read(`${from}/loop`)).rejects.toThrow('redirects more than 5 times');
  await expect(read(`${from}/none`)).rejects.toThrow('status 404');
  await expect(read(`${from}/cut`)).rejects.toMatchObject({ code: 'url-failed' });
  await expect(read(`${from}/big`)).rejects.toMatchObject({ code: 'upload-too-large' });
  await expect(read('http://music.test:1/')).rejects.toThrow('ECONNREFUSED');
});

test('a job can name the address of its recording, unless that is private', async () => {
  const port = await webServer((_request, response) => response.end('bytes'));
  const body = JSON.stringify({ input: { url: `http://127.0.0.1:${String(port)}/talk.mp3` } });
  const headers = { 'content-type': 'application/json', prefer: 'wait=30' };
  const allowed = await madeGateway(madeBroker(sayAll(['Fox.'])), { settings: { privateUrls: true } });
  const job = await fetch(`${allowed.url}/v1/jobs`, { method: 'POST', body, headers });
  expect([job.status, await job.json()]).toMatchObject([
    200,
    { status: 'succeeded', file: { name: 'talk.mp3', bytes: 5 } },
  ]);
  const closed = await madeGateway(madeBroker(sayAll(['Fox.'])));
  const refused = await fetch(`${closed.url}/v1/jobs`, { method: 'POST', body, headers });
  expect([refused.status, await refused.json()]).toMatchObject([400, { code: 'url-refused' }]);
});
