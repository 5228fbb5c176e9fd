/** How the server's settings look to its gateway, and what its webhooks say. */
import type { EngineStats, TranscriptionRecord } from '../../core/index.ts';
import { DEFAULT_GATEWAY_SETTINGS, type GatewaySettings } from '../../gateway/index.ts';
import { iso, jobOf } from '../../protocol/index.ts';
import type { ServerSettings } from './server-settings.ts';

export const gatewaySettings = (
  settings: ServerSettings,
  tls: { readonly cert: string; readonly key: string } | undefined,
): GatewaySettings => ({
  ...DEFAULT_GATEWAY_SETTINGS,
  host: settings.host,
  port: settings.port,
  ...(tls === undefined ? {} : { tls }),
  allowOpen: settings.allowOpen,
  cors: settings.cors,
  limits: settings.limits,
  uploadBytes: settings.uploadBytes,
  retention: settings.retention,
  privateUrls: settings.allowPrivateUrls,
  live: { ...DEFAULT_GATEWAY_SETTINGS.live, sessions: settings.maxLive, resume: settings.liveResume },
});

/** The body of a webhook: the job without its text. Of an ended one it never changes. */
export function webhookBody(id: string, record: TranscriptionRecord): string {
  const at = record.finishedAt ?? record.createdAt;
  const data = jobOf({ id, record, position: undefined, now: at });
  return JSON.stringify({ type: `transcription.job.${record.state}`, timestamp: iso(at), data });
}

/** What `/v1/status` shows of each loaded model. */
export const statusOf = (engines: ReadonlyMap<string, EngineStats>) =>
  [...engines].map(([model, { segments, restarts, steps, rows, encodeMs, decodeMs }]) => ({
    model,
    segments,
    restarts,
    mean_batch: Math.round((rows / Math.max(1, steps)) * 10) / 10,
    encode_seconds: Math.round(encodeMs) / 1000,
    decode_seconds: Math.round(decodeMs) / 1000,
  }));
