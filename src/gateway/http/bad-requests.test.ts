import { once } from 'node:events';
import { connect } from 'node:net';
import * as fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { millis, type Clock } from '../../core/index.ts';
import { OpenAiError } from '../../protocol/index.ts';
import { eventually } from '../testing/eventually.ts';
import { madeBroker, type MadeBroker } from '../testing/made-broker.ts';
import { madeGateway } from '../testing/made-gateway.ts';
import { END, part, posted, rawRequest } from '../testing/raw-http.ts';
import { sayAll } from '../testing/scripted-work.ts';

const WHOLE = part('file', 'RIFF', 'a.wav') + part('model', 'tiny.en') + END;

const talks = (): MadeBroker => madeBroker(sayAll(['Fox.']));

/** Status, field and code of an answer. */
function errorIn(answer: string): readonly unknown[] {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  const { param, code } = OpenAiError.parse(JSON.parse(body)).error;
  return [Number(head.slice(9, 12)), param, code];
}

test('the form that all these spoil is taken', async () => {
  const { port } = await madeGateway(talks());
  expect(await rawRequest(port, [posted(WHOLE)])).toMatch(/^HTTP\/1\.1 200 [^]*"text":"Fox\."/);
});

test('who asks for another protocol is answered in this one', async () => {
  const { port } = await madeGateway(talks());
  const head = { connection: 'Upgrade, HTTP2-Settings, close', upgrade: 'h2c', 'http2-settings': 'AAEAAEAAAAIAAAAB' };
  expect(await rawRequest(port, [posted(WHOLE, head)])).toMatch(/^HTTP\/1\.1 200 [^]*"text":"Fox\."/);
});

test.each<[string, string, Record<string, string>, readonly unknown[]]>([
  ['no file', part('model', 'tiny.en') + END, {}, [400, 'file', 'missing_required_parameter']],
  ['no model', part('file', 'x', 'a') + END, {}, [400, 'model', 'missing_required_parameter']],
  ['nothing at all', END, {}, [400, 'model', 'missing_required_parameter']],
  ['an unknown model', part('model', 'x') + part('file', 'x', 'a') + END, {}, [404, 'model', 'model_not_found']],
  ['two files', part('file', 'x', 'a') + part('file', 'y', 'b') + END, {}, [400, 'file', 'invalid_value']],
  ['a file of another name', part('audio', 'x', 'a') + END, {}, [400, 'audio', 'invalid_value']],
  ['a file without a name', part('file', 'x') + END, {}, [400, 'file', 'invalid_value']],
  ['a language that the model lacks', part('language', 'de') + WHOLE, {}, [400, 'language', 'invalid_value']],
  [
    'speaker labels',
    part('response_format', 'diarized_json') + WHOLE,
    {},
    [400, 'response_format', 'unsupported_value'],
  ],
  [
    'a part without a name',
    '--XX\r\nContent-Disposition: form-data\r\n\r\nx\r\n' + END,
    {},
    [400, 'body', 'request_invalid'],
  ],
  [
    '90,000 fields',
    '--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n'.repeat(90_000) + END,
    {},
    [400, 'body', 'request_invalid'],
  ],
  ['a field without end', part('prompt', 'x'.repeat(100_000)) + WHOLE, {}, [400, 'prompt', 'invalid_value']],
  [
    'a part with endless headers',
    `--XX\r\n${'a: b\r\n'.repeat(5000)}\r\nx\r\n${END}`,
    {},
    [400, 'model', 'missing_required_parameter'],
  ],
  [
    'a boundary that never comes',
    WHOLE,
    { 'content-type': 'multipart/form-data; boundary=YY' },
    [400, null, 'upload_unfinished'],
  ],
  ['no boundary', WHOLE, { 'content-type': 'multipart/form-data' }, [400, 'body', 'request_invalid']],
  ['JSON', '{"model":"tiny.en"}', { 'content-type': 'application/json' }, [415, 'file', 'body_unsupported']],
  ['a compressed body', WHOLE, { 'content-encoding': 'gzip' }, [415, 'body', 'body_unsupported']],
  ['no content type', 'x', { 'content-type': '' }, [415, 'file', 'body_unsupported']],
  ['a form that is cut off', part('file', 'RIFF', 'a.wav').slice(0, -4), {}, [400, null, 'upload_unfinished']],
  ['a file above the limit', part('file', 'x'.repeat(3000), 'a') + END, {}, [413, null, null]],
  ['10 GB announced', 'x', { 'content-length': '10000000000' }, [413, null, null]],
])('answers %s with the field and the reason, and keeps nothing', async (_what, body, head, wanted) => {
  const broker = talks();
  const { port } = await madeGateway(broker, { settings: { uploadBytes: 2048 } });
  expect(errorIn(await rawRequest(port, [posted(body, head)]))).toEqual(wanted);
  await eventually(() => expect(broker.blobs.keys()).toEqual([]));
  expect(broker.put).toEqual([]);
});

test('tells who sends a recording as text to give it a filename, however long it is', async () => {
  const { port } = await madeGateway(talks());
  for (const size of [4, 20_000]) {
    const body = part('file', 'x'.repeat(size)) + part('model', 'tiny.en') + END;
    expect(await rawRequest(port, [posted(body)])).toContain("The part 'file' is text: give it a filename.");
  }
});

test('path names in a file name lead nowhere', async () => {
  const broker = talks();
  const { port } = await madeGateway(broker);
  for (const name of ['../../etc/passwd', '..\\\\..\\\\a.wav', '/abs/b.wav', 'c\u0000.wav', '..']) {
    const body = part('file', name, name) + part('model', 'tiny.en') + END;
    expect(await rawRequest(port, [posted(body)])).toMatch(/^HTTP\/1\.1 200/);
  }
  const names = broker.put.map(({ body }) => (body.type === 'prepare' ? body.name : ''));
  expect(names).toEqual(['passwd', 'a.wav', 'b.wav', 'c.wav', 'upload']);
});

test('answers what is no HTTP, what is too long in its head, and what never comes', async () => {
  const { port } = await madeGateway(talks(), { settings: { headTotal: millis(300), uploadIdle: millis(200) } });
  expect(await rawRequest(port, ['nonsense\r\n\r\n'])).toMatch(/^HTTP\/1\.1 400/);
  expect(await rawRequest(port, [`GET /livez HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`])).toMatch(
    /^HTTP\/1\.1 431/,
  );
  expect(await rawRequest(port, ['GET /livez HTTP/1.1\r\nhost:'])).toMatch(/^HTTP\/1\.1 408/);
  const slow = posted(WHOLE, { 'content-length': '100000' });
  expect(errorIn(await rawRequest(port, [slow]))).toEqual([408, null, 'request_timeout']);
});

test('gives up a body that trickles for ever', async () => {
  // A clock on which each millisecond is a second.
  const clock: Clock = {
    now: () => millis(performance.now() * 1000),
    after(delay, callback) {
      const timer = setTimeout(callback, delay);
      return () => clearTimeout(timer);
    },
  };
  const { port } = await madeGateway(talks(), { parts: { clock } });
  const socket = connect(port, '127.0.0.1');
  socket.write(posted('', { 'content-length': '100000' }));
  const trickle = setInterval(() => socket.write('x'), 10);
  onTestFinished(() => clearInterval(trickle));
  const [answer] = z.tuple([z.instanceof(Buffer)]).parse(await once(socket, 'data'));
  expect(errorIn(answer.toString())).toEqual([408, null, 'request_timeout']);
  socket.destroy();
});

test('paths and methods that are not there get their own answers', async () => {
  const { url } = await madeGateway(talks());
  const unknown = await fetch(`${url}/v2/nothing`);
  expect([unknown.status, unknown.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
  const method = await fetch(`${url}/v1/audio/transcriptions`);
  expect([method.status, method.headers.get('allow')]).toEqual([405, 'POST']);
  expect(await method.json()).toMatchObject({ error: { type: 'invalid_request_error', code: 'method_unknown' } });
  expect((await fetch(`${url}/v1/jobs/%ff`)).status).toBe(404);
  const head = await fetch(`${url}/livez`, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('decides before the body is sent when a client asks first', async () => {
  const broker = talks();
  const { port } = await madeGateway(broker);
  const asks = posted(WHOLE, { expect: '100-continue' });
  expect(await rawRequest(port, [asks])).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200/);
  broker.depth = broker.limit;
  const [head = ''] = asks.split('\r\n\r\n');
  const refused = await rawRequest(port, [`${head}\r\n\r\n`]);
  expect(refused).toMatch(/^HTTP\/1\.1 503/);
  expect(refused).toMatch(/retry-after: 5\r\n/i);
});

test('any bytes as a body are answered with less than 500', async () => {
  const { port } = await madeGateway(talks());
  const pieces = fc.constantFrom(
    '--XX\r\n',
    '--XX--',
    '\r\n\r\n',
    'Content-Disposition: form-data; name="file"',
    '; filename="a"',
    '\0',
  );
  const body = fc
    .array(fc.oneof(pieces, fc.string(), fc.constant(part('model', 'tiny.en'))))
    .map((all) => all.join(''));
  await fc.assert(
    fc.asyncProperty(body, async (text) => {
      expect(await rawRequest(port, [posted(text)])).toMatch(/^HTTP\/1\.1 [24]/);
    }),
    { numRuns: 60 },
  );
});
