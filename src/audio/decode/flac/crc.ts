/** Checksums of a frame's head and of the whole frame (RFC 9639 9.1.8 and 9.3): polynomials 0x07 and 0x8005, from 0. */
const CRC_8 = table(8, 0x07);
const CRC_16 = table(16, 0x8005);

export function crc8(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) sum = CRC_8[sum ^ (bytes[i] ?? 0)] ?? 0;
  return sum;
}

export function crc16(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) sum = ((sum << 8) & 0xffff) ^ (CRC_16[(sum >> 8) ^ (bytes[i] ?? 0)] ?? 0);
  return sum;
}

function table(width: number, polynomial: number): Uint16Array {
  const top = 1 << (width - 1);
  const mask = 2 ** width - 1;
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let sum = byte << (width - 8);
    for (let bit = 0; bit < 8; bit++) sum = ((sum << 1) ^ ((sum & top) === 0 ? 0 : polynomial)) & mask;
    return sum;
  });
}
