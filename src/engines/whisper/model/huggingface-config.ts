/** The numbers of a Hugging Face folder: `config.json` and what `generation_config.json` adds. */
import { z } from 'zod';
import { ScriptoriumError } from '../../../core/index.ts';
import { inFile } from './in-file.ts';
import { readJsonFile } from './json-file.ts';
import { checkShape } from './model-shape.ts';
import type { AttentionHead, WhisperShape } from './whisper-model.ts';

const count = z.int().min(0);
const Config = z.object({
  model_type: z.literal('whisper'),
  vocab_size: count,
  max_source_positions: count,
  d_model: count,
  encoder_attention_heads: count,
  encoder_layers: count,
  encoder_ffn_dim: count,
  max_target_positions: count,
  decoder_attention_heads: count,
  decoder_layers: count,
  decoder_ffn_dim: count,
  num_mel_bins: count,
  activation_function: z.literal('gelu').default('gelu'),
});
const GenerationConfig = z.object({
  alignment_heads: z.array(z.tuple([count, count])).nullish(),
  is_multilingual: z.boolean().nullish(),
});

export interface HuggingfaceConfig {
  readonly shape: WhisperShape;
  /** Undefined when the folder does not say. */
  readonly alignmentHeads: readonly AttentionHead[] | undefined;
  readonly multilingual: boolean | undefined;
}

/** @throws ScriptoriumError `model-invalid` when it is no Whisper or a number is not believable. */
export async function readHuggingfaceConfig(folder: string): Promise<HuggingfaceConfig> {
  const config = await readJsonFile(folder, 'config.json', Config);
  if (config === undefined) throw new ScriptoriumError('model-invalid', `${folder}: it has no config.json`);
  const generation = await readJsonFile(folder, 'generation_config.json', GenerationConfig);
  const shape = await inFile(`${folder}/config.json`, async () => {
    const width = 4 * config.d_model;
    if (config.encoder_ffn_dim !== width || config.decoder_ffn_dim !== width) {
      throw new ScriptoriumError('model-invalid', `its feed-forward layers are not ${width} wide, as in every Whisper`);
    }
    return checkShape({
      vocabulary: config.vocab_size,
      audioContext: config.max_source_positions,
      audioState: config.d_model,
      audioHeads: config.encoder_attention_heads,
      audioLayers: config.encoder_layers,
      textContext: config.max_target_positions,
      textState: config.d_model,
      textHeads: config.decoder_attention_heads,
      textLayers: config.decoder_layers,
      mels: config.num_mel_bins,
    });
  });
  const heads = generation?.alignment_heads ?? [];
  // Distilled models were published with their teacher's heads, in layers that they do not have: then none are known.
  const own = heads.every(([layer, head]) => layer < shape.textLayers && head < shape.textHeads);
  return {
    shape,
    alignmentHeads: own && heads.length > 0 ? heads : undefined,
    multilingual: generation?.is_multilingual ?? undefined,
  };
}
