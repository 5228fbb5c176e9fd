import { expect, test } from 'vitest';
import { transcriptKey } from '../../core/index.ts';
import { Job, Problem } from '../../protocol/index.ts';
import { madeBroker } from '../testing/made-broker.ts';
import { form, madeGateway } from '../testing/made-gateway.ts';
import { ledgerOfSeconds, sayAll, tell } from '../testing/scripted-work.ts';

async function send(url: string, fields: Readonly<Record<string, string>> = {}, prefer = ''): Promise<Job> {
  const body = form({ model: 'tiny.en', ...fields });
  return Job.parse(await (await fetch(`${url}/v1/jobs`, { method: 'POST', body, headers: { prefer } })).json());
}

test('who asks for the text of a cancelled job is told that it has ended, not to wait', async () => {
  const { url } = await madeGateway(madeBroker(async () => {}));
  const { id } = await send(url);
  await fetch(`${url}/v1/jobs/${id}/cancel`, { method: 'POST' });
  const response = await fetch(`${url}/v1/jobs/${id}/result`);
  expect(response.status).toBe(409);
  expect(Problem.parse(await response.json())).toMatchObject({ code: 'job-ended' });
});

test('formats of one channel want it named where there are several', async () => {
  const segment = { start: 0, end: 1000, language: 'en', tokens: [], words: [], temperature: 0 };
  const said = (text: string): object => ({
    text,
    language: 'en',
    task: 'transcribe',
    duration: 1000,
    segments: [{ ...segment, text }],
  });
  const broker = madeBroker(async (made, { session }) => {
    made.blobs.write(transcriptKey(session), JSON.stringify(['Left.', 'Right.'].map(said)));
    await tell(made, session, { type: 'succeeded', ledger: ledgerOfSeconds(1) });
  });
  const { url } = await madeGateway(broker);
  const { id } = await send(url, { channels: 'split' }, 'wait=30');
  const result = (query: string): Promise<Response> => fetch(`${url}/v1/jobs/${id}/result${query}`);
  const unnamed = await result('?format=srt');
  expect([unnamed.status, Problem.parse(await unnamed.json()).detail]).toEqual([
    400,
    'channel: srt is of one channel; name it, ?channel=0 to ?channel=1.',
  ]);
  expect(await (await result('?format=srt&channel=1')).text()).toContain('Right.');
  expect(await (await result('')).json()).toMatchObject({ channels: [{ text: 'Left.' }, { text: 'Right.' }] });
  const one = await madeGateway(madeBroker(sayAll(['Fox.'])));
  const single = await send(one.url, { channels: 'split' }, 'wait=30');
  expect((await fetch(`${one.url}/v1/jobs/${single.id}/result?format=srt`)).status).toBe(200);
});
