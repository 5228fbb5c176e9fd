import { expect, test } from 'vitest';
import { isEnded, millis, readTranscription } from '../../core/index.ts';
import { Job, JobList, Problem } from '../../protocol/index.ts';
import { eventually } from '../testing/eventually.ts';
import { madeBroker, type MadeBroker } from '../testing/made-broker.ts';
import { form, madeGateway } from '../testing/made-gateway.ts';
import { failWith, sayAll, tell } from '../testing/scripted-work.ts';

const SAID = ['See the quick', 'brown fox.'];
const idle = (): MadeBroker => madeBroker(async () => {});

async function send(
  url: string,
  fields: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${url}/v1/jobs`, { method: 'POST', body: form({ model: 'tiny.en', ...fields }), headers });
}

const jobIn = async (response: Response): Promise<Job> => Job.parse(await response.json());

test('takes a job at once, and says where it will be', async () => {
  const broker = idle();
  const { url } = await madeGateway(broker);
  const response = await send(url, { metadata: '{"ref":"7"}', words: 'false' });
  expect(response.status).toBe(202);
  const job = await jobIn(response);
  expect(response.headers.get('location')).toBe(`/v1/jobs/${job.id}`);
  expect(response.headers.get('retry-after')).toBe('2');
  expect(job).toMatchObject({ status: 'queued', metadata: { ref: '7' }, progress: { queue_position: 2 } });
  expect(broker.put[0]).toMatchObject({ jobClass: 'batch', body: { options: { words: false } } });
});

test('shows a job as it was made, however soon it is worked on', async () => {
  const broker = madeBroker(sayAll(SAID));
  const put = broker.jobs.put.bind(broker.jobs);
  let done = 0;
  broker.jobs.put = async (job) => {
    const answer = await put(job);
    // All is done before the server goes on.
    await eventually(async () => {
      const found = await readTranscription(broker, job.session);
      expect(found !== undefined && isEnded(found.record)).toBe(true);
    });
    done++;
    return answer;
  };
  const { url } = await madeGateway(broker);
  expect(await jobIn(await send(url))).toMatchObject({ status: 'queued', started_at: null });
  expect(done).toBe(1);
});

test('answers with the ended job when the client prefers to wait and it is quick', async () => {
  const { url } = await madeGateway(madeBroker(sayAll(SAID)));
  const response = await send(url, {}, { prefer: 'wait=30' });
  expect(response.status).toBe(200);
  expect(response.headers.get('preference-applied')).toBe('wait=30');
  expect(await jobIn(response)).toMatchObject({ status: 'succeeded', progress: { fraction: 1 } });
});

test('does not wait for longer than it was asked to', async () => {
  const { url } = await madeGateway(idle());
  expect((await send(url, {}, { prefer: 'wait=0' })).status).toBe(202);
});

test('gives the text in every format, and says which there are', async () => {
  const { url } = await madeGateway(madeBroker(sayAll(SAID)));
  const { result_url: path } = await jobIn(await send(url, {}, { prefer: 'wait=30' }));
  const result = async (query: string): Promise<string> => (await fetch(`${url}${String(path)}${query}`)).text();
  expect(JSON.parse(await result(''))).toMatchObject({ text: 'See the quick brown fox.' });
  expect(JSON.parse(await result('?format=verbose_json'))).toHaveProperty('words.4.word', 'fox.');
  expect(JSON.parse(await result('?format=native'))).toMatchObject({ format: 'scriptorium-transcript' });
  expect(await result('?format=text')).toBe('See the quick\nbrown fox.\n');
  expect(await result('?format=vtt')).toMatch(/^WEBVTT\n/);
  expect(await result('?format=srt')).toMatch(/^1\n00:00:00,000 --> /);
  expect(await result('?format=md&channel=0')).toContain('# fox.wav');
  const unknown = await fetch(`${url}${String(path)}?format=docx`);
  expect([unknown.status, Problem.parse(await unknown.json()).detail]).toEqual([
    406,
    'format: one of json, verbose_json, native, text, srt, vtt, tsv, lrc, md.',
  ]);
  expect((await fetch(`${url}${String(path)}?channel=1`)).status).toBe(400);
});

test('has no result while it runs, and the failure for one that failed', async () => {
  const { url } = await madeGateway(idle());
  const waiting = await jobIn(await send(url));
  expect((await fetch(`${url}/v1/jobs/${waiting.id}/result`)).status).toBe(409);
  const other = await madeGateway(madeBroker(failWith('audio-damaged', 'It is cut off.')));
  const failed = await jobIn(await send(other.url, {}, { prefer: 'wait=30' }));
  expect(failed).toMatchObject({ status: 'failed', error: { code: 'audio-damaged' }, result_url: null });
  expect((await fetch(`${other.url}/v1/jobs/${failed.id}/result`)).status).toBe(400);
});

test('waits for the end with ?wait, and spares an unchanged answer', async () => {
  const broker = idle();
  const { url } = await madeGateway(broker);
  const { id } = await jobIn(await send(url));
  const first = await fetch(`${url}/v1/jobs/${id}`);
  const etag = first.headers.get('etag') ?? '';
  for (const known of [etag, `W/${etag}`, `"other", W/${etag}`, '*']) {
    const same = await fetch(`${url}/v1/jobs/${id}`, { headers: { 'if-none-match': known } });
    expect([known, same.status, same.headers.get('etag')]).toEqual([known, 304, etag]);
    expect([same.headers.get('content-length'), same.headers.get('content-type')]).toEqual([null, null]);
  }
  const changed = await fetch(`${url}/v1/jobs/${id}`, { headers: { 'if-none-match': '"other", W/"another"' } });
  expect(changed.status).toBe(200);
  const waiting = fetch(`${url}/v1/jobs/${id}?wait=30`);
  await eventually(() => expect(broker.events.followers()).toBe(1));
  const work = sayAll(SAID);
  const [job] = broker.put;
  if (job?.body.type === 'prepare') await work(broker, job.body);
  expect(await jobIn(await waiting)).toMatchObject({ status: 'succeeded' });
  expect((await fetch(`${url}/v1/jobs/${id}?wait=soon`)).status).toBe(400);
});

test('cancels, once; deletes all that there is of a job', async () => {
  const broker = idle();
  const { url } = await madeGateway(broker);
  const { id } = await jobIn(await send(url));
  const cancel = () => fetch(`${url}/v1/jobs/${id}/cancel`, { method: 'POST', headers: { 'if-none-match': '*' } });
  expect(await jobIn(await cancel())).toMatchObject({ status: 'cancelled' });
  expect((await cancel()).status).toBe(200);
  expect((await fetch(`${url}/v1/jobs/${id}`, { method: 'DELETE' })).status).toBe(204);
  expect(broker.forgotten).toEqual([id]);
  expect(broker.blobs.keys()).toEqual([]);
  expect((await fetch(`${url}/v1/jobs/${id}`)).status).toBe(404);
  expect((await fetch(`${url}/v1/jobs/${id}`, { method: 'DELETE' })).status).toBe(404);
  const done = await madeGateway(madeBroker(sayAll(SAID)));
  const ended = await jobIn(await send(done.url, {}, { prefer: 'wait=30' }));
  expect((await fetch(`${done.url}/v1/jobs/${ended.id}/cancel`, { method: 'POST' })).status).toBe(409);
});

test('lists the jobs of a key and nobody else, newest first, page by page', async () => {
  const [one, other] = ['the-key-of-somebody-1', 'the-key-of-somebody-2'];
  const { url } = await madeGateway(idle(), { keys: [`a ${one}`, `b ${other}`] });
  const as = (key: string) => ({ authorization: `Bearer ${key}` });
  const ids: string[] = [];
  for (let index = 0; index < 5; index++) ids.push((await jobIn(await send(url, {}, as(one)))).id);
  const foreign = await jobIn(await send(url, {}, as(other)));
  const seen: string[] = [];
  for (let next = ''; ;) {
    const page = await fetch(`${url}/v1/jobs?limit=2&after=${next}`, { headers: as(one) });
    const list = JobList.parse(await page.json());
    seen.push(...list.data.map(({ id }) => id));
    if (list.next === null) break;
    next = list.next;
  }
  expect(seen).toEqual(ids.toSorted().reverse());
  expect((await fetch(`${url}/v1/jobs/${foreign.id}`, { headers: as(one) })).status).toBe(404);
  const failed = await fetch(`${url}/v1/jobs?status=failed`, { headers: as(one) });
  expect(JobList.parse(await failed.json())).toEqual({ object: 'list', data: [], next: null });
  for (const query of ['status=lost', 'limit=0', 'limit=1000', 'after=%2e%2e']) {
    expect((await fetch(`${url}/v1/jobs?${query}`, { headers: as(one) })).status).toBe(400);
  }
});

test('tells every event with its number, and goes on behind the last that was seen', async () => {
  const broker = idle();
  const { url } = await madeGateway(broker);
  const { id } = await jobIn(await send(url));
  const response = await fetch(`${url}/v1/jobs/${id}/events`);
  const [job] = broker.put;
  if (job?.body.type === 'prepare') await sayAll(SAID)(broker, job.body);
  const all = (await response.text()).split('\n\n').filter((block) => block !== '');
  expect(all.map((block) => block.split('\n').slice(0, 2))).toEqual(
    ['queued', 'started', 'segment', 'progress', 'segment', 'progress', 'succeeded'].map((name, index) => [
      `id: ${String(index + 1)}`,
      `event: ${name}`,
    ]),
  );
  expect(all[2]).toContain('"text":"See the quick"');
  expect(all[3]).toContain('"fraction":0.33');
  const again = await fetch(`${url}/v1/jobs/${id}/events`, { headers: { 'last-event-id': '5' } });
  expect((await again.text()).split('\n\n').filter((block) => block !== '')).toEqual(all.slice(5));
});

test('one idempotency key makes one job, also at the same moment, and never another', async () => {
  const broker = idle();
  const { url } = await madeGateway(broker);
  const headers = { 'idempotency-key': '"8e03978e-40d5-43dd-bc93-6894a57f9324"' };
  const responses = await Promise.all([1, 2, 3].map(() => send(url, { language: 'en' }, headers)));
  const jobs = await Promise.all(responses.map(jobIn));
  expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
  expect(responses.filter((response) => response.headers.get('idempotency-replayed') === 'true')).toHaveLength(2);
  expect(broker.put).toHaveLength(1);
  expect(broker.blobs.keys()).toEqual([`${String(jobs[0]?.id)}/upload`]);
  const reused = await send(url, { language: 'auto' }, headers);
  expect([reused.status, Problem.parse(await reused.json()).code]).toEqual([422, 'idempotency-key-reused']);
  expect((await send(url, {}, { 'idempotency-key': '""' })).status).toBe(400);
});

test('a key that is sent again when its job has ended is answered as the end, with nothing to wait for', async () => {
  const { url } = await madeGateway(madeBroker(sayAll(SAID)));
  const headers = { 'idempotency-key': '"the-same"' };
  await send(url, {}, { ...headers, prefer: 'wait=30' });
  const again = await send(url, {}, headers);
  expect([again.status, again.headers.get('retry-after')]).toEqual([200, null]);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(await jobIn(again)).toMatchObject({ status: 'succeeded' });
});

test('progress never falls for one who looks again and again', async () => {
  const broker = idle();
  const { url } = await madeGateway(broker);
  const { id } = await jobIn(await send(url));
  let last = 0;
  await tell(broker, id, { type: 'progress', doneMs: millis(1000) });
  for (const done of [2000, 6000]) {
    await tell(broker, id, { type: 'progress', doneMs: millis(done), totalMs: millis(8000) });
    const { fraction } = (await jobIn(await fetch(`${url}/v1/jobs/${id}`))).progress;
    expect(fraction).toBeGreaterThanOrEqual(last);
    last = fraction;
  }
  expect(last).toBe(0.75);
});

test('does once more what failed for the reasons of the server, and nothing else', async () => {
  const broker = madeBroker(failWith('engine-crashed', 'The engine crashed.'));
  const { url } = await madeGateway(broker);
  const failed = await jobIn(await send(url, { metadata: '{"ref":"7"}' }, { prefer: 'wait=30' }));
  const retry = async (id: string): Promise<Response> => fetch(`${url}/v1/jobs/${id}/retry`, { method: 'POST' });
  const response = await retry(failed.id);
  expect(response.status).toBe(202);
  const again = await jobIn(response);
  expect(again.id).not.toBe(failed.id);
  expect(again).toMatchObject({ file: failed.file, metadata: { ref: '7' } });
  const other = await madeGateway(madeBroker(failWith('audio-damaged', 'It is cut off.')));
  const damaged = await jobIn(await send(other.url, {}, { prefer: 'wait=30' }));
  expect((await fetch(`${other.url}/v1/jobs/${damaged.id}/retry`, { method: 'POST' })).status).toBe(409);
  await broker.blobs.remove(`${failed.id}/upload`);
  expect((await retry(failed.id)).status).toBe(404);
});
