import { refuseWhileGone } from '../access/admission.ts';
import type { Context } from '../context.ts';
import type { Route } from '../http/exchange.ts';
import { jobCreateRoute } from './jobs-create.ts';
import { jobEventsRoute } from './jobs-events.ts';
import { jobRetryRoute } from './jobs-retry.ts';
import { jobRoutes } from './jobs.ts';
import { livePageRoutes } from './live-pages.ts';
import { liveRoutes } from './live.ts';
import { healthRoutes } from './health.ts';
import { realtimeSecretRoute } from './realtime-secrets.ts';
import { openAiAudioRoutes } from './openai-audio.ts';
import { referenceRoutes } from './reference.ts';
import { openAiModelRoutes } from './openai-models.ts';

/** Everything that can be asked for. */
export const allRoutes = (context: Context): readonly Route[] => [
  ...openAiAudioRoutes(context),
  ...openAiModelRoutes(context),
  ...[
    jobCreateRoute(context),
    jobEventsRoute(context),
    jobRetryRoute(context),
    ...jobRoutes(context),
    ...liveRoutes(context),
    realtimeSecretRoute(context),
  ].map((route) => unlessGone(context, route)),
  ...livePageRoutes(context),
  ...healthRoutes(context),
  ...referenceRoutes(context),
];

/** What a shared broker is asked for would wait for it as long as work may: whoever asks is told at once to come back. */
const unlessGone = ({ broker, isShared }: Context, route: Route): Route => ({
  ...route,
  async handle(exchange) {
    if (isShared) refuseWhileGone(broker);
    await route.handle(exchange);
  },
});
