import { OPENAI_MODELS } from '../../protocol/index.ts';
import type { Context } from '../context.ts';
import { jsonAnswer, sendAnswer } from '../http/answer.ts';
import type { Route } from '../http/exchange.ts';
import type { ServedModel } from '../parts.ts';
import { servedModel } from '../work/decode-request.ts';

/** `GET /v1/models` and `GET /v1/models/{id}`: the server's models, and OpenAI's names that stand for the default. */
export function openAiModelRoutes({ models, clock }: Context): Route[] {
  const common = { method: 'GET', access: 'key', errors: 'openai' } as const;
  return ['/v1/models', '/openai/v1/models'].flatMap((path): Route[] => [
    {
      ...common,
      path,
      async handle(exchange) {
        const served = await models.list();
        const standIn = served.find(({ id }) => id === models.default);
        const aliases = standIn === undefined ? [] : OPENAI_MODELS.map((id) => shown(standIn, id));
        const data = [...served.map((model) => shown(model, model.id)), ...aliases];
        await sendAnswer(exchange, jsonAnswer({ object: 'list', data }), clock);
      },
    },
    {
      ...common,
      // Ids of some makers hold a slash.
      path: `${path}/{id...}`,
      async handle(exchange) {
        const id = exchange.params['id'] ?? '';
        await sendAnswer(exchange, jsonAnswer(shown(await servedModel(models, id), id)), clock);
      },
    },
  ]);
}

const shown = ({ created }: ServedModel, id: string): object => ({
  id,
  object: 'model',
  created: Math.floor(created / 1000),
  owned_by: 'scriptorium',
});
