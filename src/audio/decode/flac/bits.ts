/** Zero bytes behind the data, so that looking ahead needs no care. */
const MARGIN = 16;

/** Reading went beyond the data: more is needed, or the file is cut off. */
export class OutOfBits extends Error {
  override readonly name = 'OutOfBits';
}

/** Reads bits, high ones first, as FLAC has them. */
export interface Bits {
  /** 0 to 32 bits as a number of no sign. */
  read(count: number): number;
  /** 1 to 33 bits in two's complement. */
  readSigned(count: number): number;
  /** Zeros up to a one, which is taken too. */
  readUnary(): number;
  /** Rice codes: a quotient in unary, `low` bits of remainder, the lowest bit of both for the sign. */
  readRice(out: Float64Array, from: number, to: number, low: number): void;
  /** Passes over what is left of a byte. @returns how many bytes were read. */
  align(): number;
}

export function createBits(data: Uint8Array): Bits {
  const bytes = new Uint8Array(data.length + MARGIN);
  bytes.set(data);
  const end = data.length * 8;
  let at = 0;

  /** The next 25 bits at least, at the top of a number of 32. */
  function look(position: number): number {
    const byte = position >> 3;
    const word =
      ((bytes[byte] ?? 0) << 24) |
      ((bytes[byte + 1] ?? 0) << 16) |
      ((bytes[byte + 2] ?? 0) << 8) |
      (bytes[byte + 3] ?? 0);
    return word << (position & 7);
  }

  function advance(count: number): void {
    at += count;
    if (at > end) throw new OutOfBits();
  }

  function read(count: number): number {
    if (count === 0) return 0;
    if (count > 16) return read(count - 16) * 65_536 + read(16);
    const value = look(at) >>> (32 - count);
    advance(count);
    return value;
  }

  function readUnary(): number {
    let zeros = 0;
    for (;;) {
      const run = Math.min(24, Math.clz32(look(at)));
      if (run < 24) {
        advance(run + 1);
        return zeros + run;
      }
      zeros += run;
      advance(run);
    }
  }

  return {
    read,
    readUnary,
    readSigned(count) {
      // The highest bit counts against the others.
      const sign = read(1);
      return read(count - 1) - sign * 2 ** (count - 1);
    },
    readRice(out, from, to, low) {
      for (let i = from; i < to; i++) {
        const byte = at >> 3;
        const word =
          ((bytes[byte] ?? 0) << 24) |
          ((bytes[byte + 1] ?? 0) << 16) |
          ((bytes[byte + 2] ?? 0) << 8) |
          (bytes[byte + 3] ?? 0);
        const ahead = word << (at & 7);
        const quotient = Math.clz32(ahead);
        const length = quotient + 1 + low;
        if (length <= 25) {
          const value = low === 0 ? quotient : (quotient << low) | ((ahead << (quotient + 1)) >>> (32 - low));
          out[i] = (value >>> 1) ^ -(value & 1);
          at += length;
        } else {
          const value = readUnary() * 2 ** low + read(low);
          out[i] = value % 2 === 0 ? value / 2 : -(value + 1) / 2;
        }
      }
      advance(0);
    },
    align() {
      at = (at + 7) & ~7;
      return at / 8;
    },
  };
}
