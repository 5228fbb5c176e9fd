/** Writes the header of a 16 kHz mono WAV file (IBM and Microsoft, "Multimedia Programming Interface", 1991). */

const RATE = 16_000;
const KINDS = {
  pcm16: { tag: 1, bytes: 2 },
  float32: { tag: 3, bytes: 4 },
} as const;

/** @param dataBytes size of the samples that follow. */
export function wavHeader(kind: keyof typeof KINDS, dataBytes: number): Uint8Array {
  const { tag, bytes } = KINDS[kind];
  const header = new Uint8Array(44);
  const view = new DataView(header.buffer);
  const name = (at: number, text: string): void => header.set(new TextEncoder().encode(text), at);
  name(0, 'RIFF');
  view.setUint32(4, header.length - 8 + dataBytes, true);
  name(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, tag, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE * bytes, true);
  view.setUint16(32, bytes, true);
  view.setUint16(34, bytes * 8, true);
  name(36, 'data');
  view.setUint32(40, dataBytes, true);
  return header;
}
