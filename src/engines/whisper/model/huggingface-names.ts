/** Hugging Face's spelling of OpenAI's tensor names. */

const WHOLE: ReadonlyMap<string, string> = new Map([
  ['encoder.positional_embedding', 'encoder.embed_positions.weight'],
  ['decoder.positional_embedding', 'decoder.embed_positions.weight'],
  ['decoder.token_embedding.weight', 'decoder.embed_tokens.weight'],
]);

/** Parts after `blocks.N.`, longest first. */
const PARTS: readonly (readonly [string, string])[] = [
  ['cross_attn_ln', 'encoder_attn_layer_norm'],
  ['attn_ln', 'self_attn_layer_norm'],
  ['mlp_ln', 'final_layer_norm'],
  ['cross_attn', 'encoder_attn'],
  ['attn', 'self_attn'],
  ['mlp.0', 'fc1'],
  ['mlp.2', 'fc2'],
];

const PROJECTIONS: ReadonlyMap<string, string> = new Map([
  ['query', 'q_proj'],
  ['key', 'k_proj'],
  ['value', 'v_proj'],
  ['out', 'out_proj'],
]);

/** `encoder.blocks.0.attn.query.weight` becomes `encoder.layers.0.self_attn.q_proj.weight`; without the `model.` in front. */
export function huggingfaceName(name: string): string {
  const whole = WHOLE.get(name);
  if (whole !== undefined) return whole;
  const block = /^(encoder|decoder)\.blocks\.(\d+)\.(.+)\.(weight|bias)$/.exec(name);
  if (block === null) return name.replace(/^encoder\.ln_post|^decoder\.ln/, (side) => `${side.slice(0, 7)}.layer_norm`);
  const [, side, layer, path = '', leaf] = block;
  const part = PARTS.find(([ours]) => path === ours || path.startsWith(`${ours}.`));
  const rest = part === undefined ? path : path.slice(part[0].length + 1);
  const tail = rest === '' ? '' : `.${PROJECTIONS.get(rest) ?? rest}`;
  return `${side}.layers.${layer}.${part?.[1] ?? ''}${tail}.${leaf}`;
}

/** Spellings to try, in order: whole models have `model.` in front; the output projection is the tied token embedding. */
export function huggingfaceNames(name: string): readonly string[] {
  const theirs = huggingfaceName(name);
  const spellings = [`model.${theirs}`, theirs];
  return name === 'decoder.token_embedding.weight' ? [...spellings, 'proj_out.weight'] : spellings;
}
