import { languageCode, ScriptoriumError, type DecodeOptions } from '../../core/index.ts';
import { standIns, type OpenAiAsk } from '../../protocol/index.ts';
import type { ModelsView, ServedModel } from '../parts.ts';

/** What both APIs say about decoding. */
export interface DecodeAsk {
  readonly task: 'transcribe' | 'translate';
  /** Code, name, or `auto`. */
  readonly language: string;
  readonly prompt?: string | undefined;
  readonly keywords: readonly string[];
  readonly temperature: number;
  readonly words: boolean;
}

/**
 * The model of a name; OpenAI's names and none stand for the server's own.
 *
 * @throws ScriptoriumError `model-missing`.
 */
export async function servedModel(models: ModelsView, name: string | undefined): Promise<ServedModel> {
  const candidates = name === undefined ? [undefined] : [name, ...standIns(name)];
  for (const candidate of candidates) {
    const found = await models.find(candidate ?? models.default);
    if (found !== undefined) return found;
  }
  throw new ScriptoriumError(
    'model-missing',
    `The model '${(name ?? models.default).slice(0, 100)}' does not exist on this server; GET /v1/models lists those that do.`,
    { details: { field: 'model' } },
  );
}

/**
 * How to decode what was asked for, with what the server takes by default.
 *
 * @throws ScriptoriumError `language-unsupported` when the model has no such language, or cannot translate.
 */
export function decodeOptions(defaults: DecodeOptions, ask: DecodeAsk, model: ServedModel): DecodeOptions {
  if (ask.task === 'translate' && !model.translates) {
    throw new ScriptoriumError('language-unsupported', `${model.id} cannot translate; choose a multilingual model.`, {
      details: { field: 'model' },
    });
  }
  return {
    ...defaults,
    task: ask.task,
    language: spokenIn(ask.language, model),
    temperatures: ask.temperature === 0 ? defaults.temperatures : [ask.temperature],
    ...(ask.prompt === undefined ? {} : { prompt: ask.prompt }),
    keywords: ask.keywords,
    words: ask.words,
  };
}

function spokenIn(asked: string, { id, languages }: ServedModel): string {
  if (asked === 'auto') return 'auto';
  const code = languageCode(asked);
  if (code !== undefined && languages.includes(code)) return code;
  throw new ScriptoriumError('language-unsupported', `${id} does not know the language '${asked.slice(0, 40)}'.`, {
    details: { field: 'language' },
  });
}

/** Word times cut text into sentences, which every format but plain text is better for. */
export const openAiDecodeAsk = (ask: OpenAiAsk): DecodeAsk => ({
  ...ask,
  words: ask.words || ask.format === 'srt' || ask.format === 'vtt' || ask.format === 'verbose_json',
});
