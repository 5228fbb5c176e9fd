import { millis, secondsToMillis } from '../../core/index.ts';
import { parseBoundedObject, parseClientSecret, type ClientSecret } from '../../protocol/index.ts';
import type { Context } from '../context.ts';
import { jsonAnswer, sendAnswer } from '../http/answer.ts';
import type { Route } from '../http/exchange.ts';
import { newId } from '../new-id.ts';
import { secretSession } from '../live/dialects/realtime-config.ts';
import { readText } from '../upload/read-text.ts';

const BOUNDS = { characters: 65_536, depth: 16 };

/** `POST /v1/realtime/client_secrets`: a short-lived key for a page, and the session that it begins. */
export function realtimeSecretRoute({ broker, clock, live, models, random, settings }: Context): Route {
  return {
    method: 'POST',
    path: '/v1/realtime/client_secrets',
    access: 'key',
    errors: 'openai',
    async handle(exchange) {
      const text = await readText(exchange, { clock, idle: settings.uploadIdle });
      const { seconds, session: ask } = parseClientSecret(parseBoundedObject(text.trim() === '' ? '{}' : text, BOUNDS));
      const value = await live.secrets.issue(exchange.caller, ask, secondsToMillis(seconds));
      const expiresAt = millis(broker.now() + secondsToMillis(seconds));
      const session = secretSession(ask, {
        session: newId('live', broker.now(), random),
        expiresAt,
        model: models.default,
      });
      const answer: ClientSecret = { value, expires_at: Math.floor(expiresAt / 1000), session };
      await sendAnswer(exchange, jsonAnswer(answer), clock);
    },
  };
}
