/**
 * protocol: what goes over the wire, as schemas and pure functions; a file a family of messages. Knows no socket and no
 * server: gateway and clients read the same shapes, and the OpenAPI document is made of them.
 */
export { parseBoundedObject } from './bounded-json.ts';
export { asyncApiDocument } from './asyncapi/document.ts';
export * from './idempotency-key.ts';
export * from './jobs/create-job.ts';
export * from './jobs/job.ts';
export { readLiveClientMessage, type LiveClientMessage } from './live/client-messages.ts';
export { CLOSE_CODES, CLOSE_DONE, MAX_REASON_BYTES, closeCodeOf, closeReason } from './live/close-codes.ts';
export { LIVE_CONTROLS, LIVE_EVENTS, type LiveServerMessage } from './live/server-messages.ts';
export { asksBeta, betaTold } from './realtime/beta.ts';
export { MAX_APPEND_BYTES, readRealtimeEvent, type RealtimeClientEvent } from './realtime/client-events.ts';
export * from './realtime/client-secret.ts';
export { RealtimeServerEvent, type RealtimeTold } from './realtime/server-events.ts';
export type {
  RealtimeFormat,
  RealtimeSession,
  RealtimeSessionAsk,
  RealtimeTranscription,
  RealtimeTurnDetection,
} from './realtime/session.ts';
export * from './openai/answers.ts';
export * from './openai/error-answer.ts';
export type { FormFields } from './form-fields.ts';
export * from './openai/models.ts';
export * from './openai/transcription-form.ts';
export * from './live/client-messages.ts';
export * from './live/close-codes.ts';
export * from './live/server-messages.ts';
export { openApiDocument, type OpenApiDocument } from './openapi/document.ts';
export type { Operation } from './openapi/operation.ts';
export * from './problem.ts';
export * from './refusal.ts';
