import type { Broker, Clock, Lease, Millis, Telemetry, TranscriptionRecord, WebhookJob } from '../../core/index.ts';
import { asScriptoriumError, keepLease, millis, pause, readTranscription } from '../../core/index.ts';
import type { HttpPost } from './http-post.ts';
import { retryAfter, waitAfter } from './schedule.ts';
import { webhookHeaders } from './sign.ts';

export interface WebhookParts {
  readonly broker: Pick<Broker, 'webhooks' | 'sessions' | 'events' | 'now'>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly post: HttpPost;
  /** Each signs: the new one beside the old one while receivers change over. At least one. */
  readonly secrets: readonly Uint8Array[];
  /** What a receiver is told: the body, the same on every attempt. */
  readonly bodyOf: (id: string, record: TranscriptionRecord) => string;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly name: string;
  /** A third of the broker's lease, or less. */
  readonly extendEvery: Millis;
}

/** Sent at once; a slow receiver keeps one place of these. */
const SENDERS = 4;
const CLAIM_WAIT = millis(30_000);
const BREATHER = millis(1000);
/** For connection, request and answer. */
const PATIENCE = millis(20_000);
/** The receiver wants no more of them. */
const GONE = 410;

/** What became of one attempt. */
type Sent = 'delivered' | 'refused' | 'gone' | 'nobody';

/**
 * Starts to deliver webhooks: Standard Webhooks 1.0. Any 2xx is success, 410 ends it, all else is tried again by the schedule
 * until no attempt is left; then it is a dead letter, which can be put back in line.
 */
export function startWebhooks(parts: WebhookParts): { stop(deadline: AbortSignal): Promise<void> } {
  const { broker, clock, telemetry, name } = parts;
  const attempts = telemetry.meter.counter(
    'scriptorium_webhooks_total',
    'Attempts to deliver a webhook, by how they ended.',
    ['end'],
  );
  const stopping = new AbortController();
  const giveBack = new AbortController();
  const { signal } = stopping;

  async function serve(): Promise<void> {
    while (!signal.aborted) {
      try {
        const lease = await broker.webhooks.claim({ worker: name, wait: CLAIM_WAIT, signal });
        if (lease !== null) attempts.add(1, { end: await deliver(lease, parts, giveBack.signal) });
      } catch (error) {
        const { code } = asScriptoriumError(error, 'storage-failed');
        if (code === 'broker-closed') return;
        telemetry.log.error('no webhook could be claimed', { code });
        await pause(clock, BREATHER, signal).catch(() => undefined);
      }
    }
  }

  const serving = Promise.all(Array.from({ length: SENDERS }, serve));
  return {
    async stop(deadline) {
      stopping.abort();
      if (deadline.aborted) giveBack.abort();
      else deadline.addEventListener('abort', () => giveBack.abort(), { once: true });
      await serving;
    },
  };
}

/** One attempt, and what follows from it. @throws ScriptoriumError as the broker does. */
async function deliver(
  lease: Lease<WebhookJob>,
  parts: WebhookParts,
  giveBack: AbortSignal,
): Promise<Sent | 'returned' | 'lost'> {
  const { broker, clock, random, telemetry } = parts;
  const log = telemetry.log.with({ sessionId: lease.session, webhookId: lease.body.webhookId });
  const over = new AbortController();
  const tooLong = new AbortController();
  const forget = clock.after(PATIENCE, () => tooLong.abort(new Error(`no answer within ${PATIENCE / 1000} s`)));
  const given = AbortSignal.any([giveBack, tooLong.signal, over.signal]);
  const living = keepLease(broker.webhooks, lease, clock, parts.extendEvery, over.signal);
  try {
    const answer = await attempt(lease, parts, given);
    if (answer.sent === 'delivered' || answer.sent === 'nobody') {
      return (await broker.webhooks.ack(lease)) ? answer.sent : 'lost';
    }
    if (giveBack.aborted) return (await broker.webhooks.nack(lease, { countAttempt: false })) ? 'returned' : 'lost';
    const isGone = answer.sent === 'gone';
    log.warn('webhook was not taken', { attempt: lease.attempt, reason: answer.reason });
    const delay = waitAfter(lease.attempt, random(), answer.asked);
    const isOurs = await broker.webhooks.nack(lease, { delay, dead: isGone, reason: answer.reason });
    return isOurs ? answer.sent : 'lost';
  } finally {
    forget();
    over.abort();
    await living;
  }
}

interface Answer {
  readonly sent: Sent;
  /** For the dead letter. */
  readonly reason: string;
  readonly asked?: Millis;
}

async function attempt(lease: Lease<WebhookJob>, parts: WebhookParts, signal: AbortSignal): Promise<Answer> {
  const { broker, post, secrets, bodyOf } = parts;
  const { session, url, webhookId: id } = lease.body;
  const found = await readTranscription(broker, session);
  if (found === undefined) return { sent: 'nobody', reason: 'the transcription was deleted' };
  const body = bodyOf(session, found.record);
  const now = broker.now();
  const headers = webhookHeaders({ id, timestamp: Math.floor(now / 1000), body }, secrets);
  try {
    const { status, retryAfter: asked } = await post(url, { headers, body, signal });
    if (status >= 200 && status < 300) return { sent: 'delivered', reason: '' };
    const reason = `answered with ${status}`;
    if (status === GONE) return { sent: 'gone', reason };
    const wait = retryAfter(asked, new Date(now));
    return { sent: 'refused', reason, ...(wait === undefined ? {} : { asked: wait }) };
  } catch (error) {
    return { sent: 'refused', reason: error instanceof Error ? error.message : 'no connection' };
  }
}
