import type { Context } from '../context.ts';
import { sendAnswer } from '../http/answer.ts';
import type { Route } from '../http/exchange.ts';

/** The page that live sessions can be tried with, and the client that pages load: both of the package, nothing from elsewhere. */
export function livePageRoutes({ clock, pages }: Context): Route[] {
  const common = { method: 'GET', access: 'open', errors: 'problem' } as const;
  return [
    {
      ...common,
      path: '/live',
      handle: async (exchange) =>
        sendAnswer(
          exchange,
          {
            status: 200,
            type: 'text/html; charset=utf-8',
            body: await pages.live(),
            headers: { 'content-security-policy': POLICY },
          },
          clock,
        ),
    },
    {
      ...common,
      path: '/client.js',
      handle: async (exchange) =>
        sendAnswer(
          exchange,
          { status: 200, type: 'text/javascript; charset=utf-8', body: await pages.client() },
          clock,
        ),
    },
  ];
}

/** Its own script and style, and an icon in the page itself; sound is worked on in a module that it makes itself; it may speak to another server. */
const POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline' blob:; worker-src blob:; connect-src *; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
