import { asyncApiDocument, openApiDocument } from '../../protocol/index.ts';
import type { Context } from '../context.ts';
import { jsonAnswer, sendAnswer, TEXT_TYPE } from '../http/answer.ts';
import type { Route } from '../http/exchange.ts';
import { referencePage } from './reference-page.ts';

/** `/openapi.json`, `/asyncapi.json` for the WebSockets, `/` that leads people to it, and the same as a page: nothing of it is loaded from elsewhere. */
export function referenceRoutes({ version, clock }: Context): Route[] {
  const document = openApiDocument(version);
  const live = asyncApiDocument(version);
  const page = referencePage(document);
  const common = { method: 'GET', access: 'open', errors: 'problem' } as const;
  return [
    {
      ...common,
      path: '/',
      handle: (exchange) =>
        sendAnswer(exchange, { status: 302, type: TEXT_TYPE, body: '', headers: { location: '/docs' } }, clock),
    },
    {
      ...common,
      path: '/openapi.json',
      handle: (exchange) => sendAnswer(exchange, jsonAnswer(document), clock),
    },
    {
      ...common,
      path: '/asyncapi.json',
      handle: (exchange) => sendAnswer(exchange, jsonAnswer(live), clock),
    },
    {
      ...common,
      path: '/docs',
      handle: (exchange) =>
        sendAnswer(
          exchange,
          { status: 200, type: 'text/html; charset=utf-8', body: page, headers: { 'content-security-policy': POLICY } },
          clock,
        ),
    },
  ];
}

/** No script, no frame, nothing from anywhere. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
