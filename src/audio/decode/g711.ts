/** ITU-T G.711, decoded by table: what each of the 256 bytes stands for, in [-1, 1]. */

/** 14 bit values, scaled to 16 (G.711 table 2a): bytes are sent inverted, the bias is 33 (132 in 16 bits). */
export const MU_LAW: Float32Array = Float32Array.from({ length: 256 }, (_, byte) => {
  const bits = ~byte & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + 0x84) << ((bits & 0x70) >> 4)) - 0x84;
  return ((bits & 0x80) === 0 ? magnitude : -magnitude) / 32_768;
});

/** 13 bit values, scaled to 16 (G.711 table 1a): every other bit is sent inverted. */
export const A_LAW: Float32Array = Float32Array.from({ length: 256 }, (_, byte) => {
  const bits = byte ^ 0x55;
  const exponent = (bits & 0x70) >> 4;
  const step = (bits & 0x0f) << 4;
  const magnitude = exponent === 0 ? step + 8 : (step + 0x108) << (exponent - 1);
  return ((bits & 0x80) === 0 ? -magnitude : magnitude) / 32_768;
});
