import type { DecodeOptions, LiveAudioFormat, LiveRequest, LiveTurns } from '../../core/index.ts';
import { millis } from '../../core/index.ts';
import type { ModelsView } from '../parts.ts';
import { decodeOptions, servedModel } from '../work/decode-request.ts';
import type { AskedLive } from './dialect.ts';

/** What a session has unless its client asks otherwise. */
export const DEFAULT_LIVE_AUDIO: LiveAudioFormat = { encoding: 'pcm_s16le', sampleRate: 16_000, channels: 1 };
/** The pause and threshold that OpenAI's server VAD has; as long as a segment of a file may be. */
export const DEFAULT_LIVE_TURNS: LiveTurns = {
  mode: 'vad',
  silence: millis(500),
  threshold: 0.5,
  prefix: millis(300),
  longest: millis(28_000),
};

/** A final that fails a guard is tried again, but not so often that whoever speaks waits for seconds. */
const TEMPERATURES = [0, 0.4];

/**
 * A request as it is after what was asked for now.
 *
 * @param before as it was; undefined for a new session.
 * @throws ScriptoriumError `model-missing`, `language-unsupported`.
 */
export async function liveRequest(
  asked: AskedLive,
  before: LiveRequest | undefined,
  dialect: LiveRequest['dialect'],
  { models, decode }: { readonly models: ModelsView; readonly decode: DecodeOptions },
): Promise<LiveRequest> {
  const model = await servedModel(models, asked.model ?? before?.model);
  const said = { ...before?.options, ...asked.options };
  const options = decodeOptions(
    { ...decode, temperatures: TEMPERATURES },
    {
      task: said.task ?? 'transcribe',
      language: said.language ?? decode.language,
      prompt: said.prompt,
      keywords: said.keywords ?? [],
      temperature: 0,
      // What is settled is told by the words, and their times come with them.
      words: true,
    },
    model,
  );
  const continues = asked.continues ?? before?.continues;
  return {
    dialect,
    model: model.id,
    audio: asked.audio ?? before?.audio ?? DEFAULT_LIVE_AUDIO,
    turns: { ...(before?.turns ?? DEFAULT_LIVE_TURNS), ...asked.turns },
    options,
    partials: asked.partials ?? before?.partials ?? true,
    metadata: asked.metadata ?? before?.metadata ?? {},
    words: asked.words ?? before?.words ?? true,
    ...(continues === undefined ? {} : { continues }),
  };
}
