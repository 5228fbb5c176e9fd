import { expect, test } from 'vitest';
import { ModelList } from '../../protocol/index.ts';
import { madeBroker } from '../testing/made-broker.ts';
import { madeGateway } from '../testing/made-gateway.ts';

const idle = () => madeBroker(async () => {});

test("lists its own models, and OpenAI's names for the default", async () => {
  const { url } = await madeGateway(idle());
  const body: unknown = await (await fetch(`${url}/v1/models`)).json();
  expect(ModelList.parse(body)).toEqual(body);
  expect(ModelList.parse(body).data.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['tiny.en', 'org/small', 'whisper-1', 'gpt-4o-transcribe']),
  );
});

test('shows one model, its slash escaped or not', async () => {
  const { url } = await madeGateway(idle());
  for (const id of [
    'tiny.en',
    'whisper-1',
    'org/small',
    'org%2Fsmall',
    'gpt-4o-transcribe-2025-03-20',
    'whisper-large-v3-turbo',
  ]) {
    const response = await fetch(`${url}/v1/models/${id}`);
    expect([response.status, await response.json()]).toEqual([
      200,
      { id: decodeURIComponent(id), object: 'model', created: 1_663_000_000, owned_by: 'scriptorium' },
    ]);
  }
});

test('says that a model is not there in the words of OpenAI', async () => {
  const { url } = await madeGateway(idle());
  const response = await fetch(`${url}/v1/models/large-v9`);
  expect([response.status, await response.json()]).toMatchObject([404, { error: { code: 'model_not_found' } }]);
});
