import { createHash } from 'node:crypto';
import { ScriptoriumError, uploadKey, type BlobFacts, type TranscriptionRequest } from '../../core/index.ts';
import { parseJobForm, parseJobJson, refusal, type JobAsk } from '../../protocol/index.ts';
import type { Context } from '../context.ts';
import type { Exchange } from '../http/exchange.ts';
import { fetchUrl } from '../upload/fetch-url.ts';
import { refuseForbiddenUrl } from '../upload/public-address.ts';
import { readForm } from '../upload/read-form.ts';
import { readText } from '../upload/read-text.ts';
import { decodeOptions, servedModel } from './decode-request.ts';

/**
 * Reads what `POST /v1/jobs` sends: the recording goes under the id, or is fetched there.
 *
 * @throws ScriptoriumError what is wrong with it; nothing is kept then.
 */
export async function takeJob(context: Context, exchange: Exchange, id: string): Promise<TranscriptionRequest> {
  const { broker, models, settings } = context;
  const isJson = /^application\/json\s*(;|$)/i.test(exchange.request.headers['content-type'] ?? '');
  const { ask, file } = await (isJson ? fetched(context, exchange, id) : uploaded(context, exchange, id));
  try {
    const model = await servedModel(models, ask.model);
    return {
      name: file.name,
      jobClass: 'batch',
      channels: ask.channels,
      model: model.id,
      options: decodeOptions(context.decode, ask, model),
      sha256: file.sha256,
      bytes: file.bytes,
      retention: settings.retention,
      metadata: ask.metadata,
      ...(ask.webhook === undefined ? {} : { webhook: ask.webhook }),
    };
  } catch (error) {
    await broker.blobs.remove(uploadKey(id));
    throw error;
  }
}

interface Taken {
  readonly ask: JobAsk;
  readonly file: BlobFacts & { readonly name: string };
}

async function uploaded({ broker, settings, clock }: Context, exchange: Exchange, id: string): Promise<Taken> {
  const { fields, file } = await readForm(exchange, {
    lasting: true,
    blobs: broker.blobs,
    key: uploadKey(id),
    uploadBytes: settings.uploadBytes,
    idle: settings.uploadIdle,
    clock,
    signal: exchange.gone,
  });
  try {
    const ask = parseJobForm(fields);
    refuseDeadWebhook(ask, settings.privateUrls);
    if (file === undefined) throw refusal('file', 'missing_required_parameter', "Missing required parameter: 'file'.");
    return { ask, file };
  } catch (error) {
    await broker.blobs.remove(uploadKey(id));
    throw error;
  }
}

async function fetched({ broker, settings, clock, lookup }: Context, exchange: Exchange, id: string): Promise<Taken> {
  const { url, ask } = parseJobJson(await readText(exchange, { clock, idle: settings.uploadIdle }));
  refuseDeadWebhook(ask, settings.privateUrls);
  const signal = exchange.gone;
  const limit = settings.uploadBytes;
  const { name, bytes } = await fetchUrl(url, {
    lookup,
    allowPrivate: settings.privateUrls,
    total: settings.fetchTotal,
    limit,
    signal,
  });
  return { ask, file: { ...(await broker.blobs.put(uploadKey(id), bytes, { limit, signal })), name } };
}

/** What no webhook may be sent to is told to who asks for it, not found out days later by who waits for it. */
function refuseDeadWebhook({ webhook }: JobAsk, allowPrivate: boolean): void {
  if (webhook === undefined) return;
  try {
    refuseForbiddenUrl(new URL(webhook.url), allowPrivate);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'it is refused.';
    throw new ScriptoriumError('url-refused', `webhook.url: ${why}`, { cause, details: { field: 'webhook.url' } });
  }
}

const ID_BYTES = 16;

/** The id of the one job that a tenant's idempotency key stands for: whoever comes first makes it, the others find it. */
export const idempotentId = (tenant: string, key: string): string =>
  `job_${createHash('sha256')
    .update(JSON.stringify([tenant, key]))
    .digest('hex')
    .slice(0, ID_BYTES * 2)}`;
