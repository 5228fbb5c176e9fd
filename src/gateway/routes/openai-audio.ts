import { SAMPLE_RATE, uploadKey, type JobClass, type TranscriptionEvent } from '../../core/index.ts';
import {
  openAiError,
  parseTranscriptionForm,
  parseTranslationForm,
  refusal,
  type FormFields,
  type OpenAiAsk,
  type ResponseFormat,
} from '../../protocol/index.ts';
import { admit } from '../access/admit.ts';
import type { Context } from '../context.ts';
import { JSON_TYPE, TEXT_TYPE } from '../http/answer.ts';
import type { Exchange, Route } from '../http/exchange.ts';
import { tellable } from '../http/failure.ts';
import { answerSlowly, type Opening } from '../http/slow-answer.ts';
import { newId } from '../new-id.ts';
import { readForm, type UploadedForm } from '../upload/read-form.ts';
import { decodeOptions, openAiDecodeAsk, servedModel } from '../work/decode-request.ts';
import { followToEnd } from '../work/follow.ts';
import { saidText, type SaidText } from '../work/said-text.ts';
import type { Membership } from '../work/shared-work.ts';
import { fingerprint, submitTranscription } from '../work/submit.ts';
import { openAiAnswer, VTT_TYPE } from '../work/transcript-answer.ts';
import { streamTranscript } from './openai-stream.ts';

/** Somebody waits for the answer. */
const JOB_CLASS: JobClass = 'interactive';

/** Where OpenAI's clients ask, Groq's and Azure's among them. */
const BASES = ['/v1/audio', '/openai/v1/audio', '/openai/deployments/{deployment}/audio'];

type Parse = (fields: FormFields) => OpenAiAsk;

/** `POST /v1/audio/transcriptions` and `/v1/audio/translations`. */
export function openAiAudioRoutes(context: Context): Route[] {
  const route = (path: string, parse: Parse): Route => ({
    method: 'POST',
    path,
    access: 'key',
    errors: 'openai',
    handle: (exchange) => transcribe(context, exchange, parse),
  });
  return BASES.flatMap((base) => [
    route(`${base}/transcriptions`, parseTranscriptionForm),
    route(`${base}/translations`, parseTranslationForm),
  ]);
}

async function transcribe(context: Context, exchange: Exchange, parse: Parse): Promise<void> {
  const { broker, settings, clock } = context;
  const { gone } = exchange;
  const admission = admit(context, exchange, JOB_CLASS);
  try {
    const id = newId('job', broker.now(), context.random);
    const form = await readForm(exchange, {
      blobs: broker.blobs,
      key: uploadKey(id),
      uploadBytes: settings.uploadBytes,
      lasting: false,
      idle: settings.uploadIdle,
      clock,
      signal: gone,
    });
    admission.uploaded();
    const { ask, member } = await begin(context, exchange, parse, form, id);
    const onEvent = (event: TranscriptionEvent): void => {
      if (event.type === 'succeeded' && !member.joined) admission.charge(event.ledger.received / SAMPLE_RATE);
    };
    try {
      await answer(context, exchange, ask, member.id, onEvent);
    } finally {
      await member.leave(gone.aborted ? 'gone' : 'answered');
    }
  } finally {
    admission.release();
  }
}

/** Puts the upload to work, or finds the same work under way; then the second upload is not kept. */
async function begin(
  context: Context,
  { caller, params, log }: Exchange,
  parse: Parse,
  { fields, file }: UploadedForm,
  id: string,
): Promise<{ readonly ask: OpenAiAsk; readonly member: Membership }> {
  const { broker, models, shared, settings } = context;
  const { tenant } = caller;
  let isKept = false;
  try {
    // Azure names the model in the path.
    const { deployment } = params;
    const ask = parse(deployment === undefined ? fields : [...fields, ['model', deployment]]);
    if (file === undefined) throw refusal('file', 'missing_required_parameter', "Missing required parameter: 'file'.");
    const model = await servedModel(models, ask.model);
    const request = {
      name: file.name,
      jobClass: JOB_CLASS,
      channels: 'mix',
      model: model.id,
      options: decodeOptions(context.decode, openAiDecodeAsk(ask), model),
      sha256: file.sha256,
      bytes: file.bytes,
      retention: settings.answered,
      metadata: {},
    } as const;
    const member = await shared.enter(fingerprint(tenant, request), async () => {
      await submitTranscription(broker, { id, tenant, request });
      isKept = true;
      return id;
    });
    log.info('transcription accepted', { jobId: member.id, joined: member.joined, bytes: file.bytes });
    return { ask, member };
  } finally {
    if (!isKept) await broker.blobs.remove(uploadKey(id));
  }
}

async function answer(
  { broker, clock, settings }: Context,
  exchange: Exchange,
  ask: OpenAiAsk,
  id: string,
  onEvent: (event: TranscriptionEvent) => void,
): Promise<void> {
  const { gone, response, since } = exchange;
  const said = saidText();
  if (ask.stream) {
    await streamTranscript({ broker, clock, settings }, exchange, id, onEvent);
    return;
  }
  const listen = (event: TranscriptionEvent): void => {
    said.add(event);
    onEvent(event);
  };
  const work = followToEnd(broker, id, gone, { onEvent: listen }).then((transcripts) => {
    if (!response.headersSent) response.setHeader('openai-processing-ms', String(Math.round(clock.now() - since)));
    return openAiAnswer(transcripts, ask);
  });
  await answerSlowly(exchange, work, {
    clock,
    hold: settings.hold,
    beat: settings.beat,
    type: TYPES[ask.format],
    opening: openingOf(ask.format, said),
    // A body that is no JSON has no place for an error: it is broken off.
    failure: (error) =>
      TYPES[ask.format] === JSON_TYPE ? JSON.stringify(openAiError(tellable(error)).body) : undefined,
  });
}

const TYPES: Readonly<Record<ResponseFormat, string>> = {
  json: JSON_TYPE,
  verbose_json: JSON_TYPE,
  text: TEXT_TYPE,
  srt: TEXT_TYPE,
  vtt: VTT_TYPE,
};

/** White space before JSON and between cues means nothing; plain text is given as it comes. */
function openingOf(format: ResponseFormat, said: SaidText): Opening {
  if (format === 'text') return { kind: 'prefix', settled: () => said.text };
  if (format === 'vtt') return { kind: 'filler', head: 'WEBVTT\n\n', filler: '\n' };
  return { kind: 'filler', head: '', filler: format === 'srt' ? '\n' : ' ' };
}
