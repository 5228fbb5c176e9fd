import { isEnded, transcriptKey, uploadKey } from '../../core/index.ts';
import type { Context } from '../context.ts';
import { fingerprint } from './submit.ts';
import { watchJob } from './watch-job.ts';

/** Records looked at together. */
const PAGE = 100;

/**
 * Takes up what was accepted before the server was killed. A job holds its place among those of its key until it ends. Of a
 * blocking request the client is gone, and nobody can fetch what comes of it: a client that sends the same again soon joins the
 * work, or finds it done, where the recording or its transcript outlived the server; otherwise it is ended and deleted, as work
 * is that its clients left. Only where no other gateway shares the broker.
 */
export async function takeUp(
  context: Pick<Context, 'broker' | 'keys' | 'limiter' | 'shared' | 'closing'>,
): Promise<void> {
  const { broker, keys, limiter, shared } = context;
  let after: string | undefined;
  for (;;) {
    const from = after === undefined ? {} : { after };
    const page = await broker.sessions.list({ order: 'asc', limit: PAGE, ...from });
    for (const { id, tenant, record } of page) {
      const { request } = record;
      if (request.jobClass === 'interactive') {
        const needed = isEnded(record) ? transcriptKey(id) : uploadKey(id);
        // One that failed, or must fail, would only fail whoever asks again.
        const isOfUse = (await broker.blobs.list(id)).includes(needed);
        if (isOfUse) shared.adopt(fingerprint(tenant, request), id);
        else await broker.forget(id);
        continue;
      }
      // Its last event may be there already; then it is watched for a moment only.
      if (!isEnded(record)) watchJob(context, id, limiter.resume(keys.named(tenant)));
    }
    after = page.at(-1)?.id;
    if (after === undefined) return;
  }
}
