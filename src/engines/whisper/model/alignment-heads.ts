/** Which attention heads follow the audio in time, so that word times can be read from them. */
import { ScriptoriumError } from '../../../core/index.ts';
import type { AttentionHead, WhisperShape } from './whisper-model.ts';

/**
 * The heads to use: the known ones, else every head of the upper half of the decoder, as OpenAI's `Whisper` does for
 * models that nobody has measured.
 *
 * @throws ScriptoriumError `model-invalid` when a known head lies outside the shape.
 */
export function chooseAlignmentHeads(
  shape: WhisperShape,
  known: readonly AttentionHead[] | undefined,
): readonly AttentionHead[] {
  if (known !== undefined && known.length > 0) {
    const stray = known.find(([layer, head]) => layer >= shape.textLayers || head >= shape.textHeads);
    if (stray !== undefined) {
      throw new ScriptoriumError('model-invalid', `it has no alignment head ${stray[1]} in decoder layer ${stray[0]}`);
    }
    return known;
  }
  const heads: AttentionHead[] = [];
  for (let layer = Math.floor(shape.textLayers / 2); layer < shape.textLayers; layer++) {
    for (let head = 0; head < shape.textHeads; head++) heads.push([layer, head]);
  }
  return heads;
}
