/** WAV files made up for tests, claims and all. */
export interface WavClaims {
  readonly tag?: number;
  readonly channels?: number;
  readonly sampleRate?: number;
  readonly bits?: number;
  readonly blockAlign?: number;
  /** Size that the head claims for the samples; their true size otherwise. */
  readonly dataSize?: number;
  /** Size that the file claims for itself; the true one otherwise. */
  readonly riffSize?: number;
  readonly magic?: 'RIFF' | 'RF64';
  /** Chunks before the format. */
  readonly before?: readonly Uint8Array[];
  /** Bytes behind the samples. */
  readonly after?: Uint8Array;
}

export function chunk(id: string, body: Uint8Array, size: number = body.length): Uint8Array {
  const head = Buffer.alloc(8);
  head.write(id, 'latin1');
  head.writeUInt32LE(size, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}

export function wavFile(samples: Uint8Array, claims: WavClaims = {}): Uint8Array {
  const { tag = 1, channels = 1, sampleRate = 16_000, bits = 16, magic = 'RIFF' } = claims;
  const { blockAlign = (channels * bits) / 8, before = [], after = new Uint8Array(0) } = claims;
  const format = Buffer.alloc(16);
  format.writeUInt16LE(tag, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(sampleRate, 4);
  format.writeUInt32LE((sampleRate * blockAlign) >>> 0, 8);
  format.writeUInt16LE(blockAlign & 0xffff, 12);
  format.writeUInt16LE(bits, 14);
  const body = Buffer.concat([
    Buffer.from('WAVE'),
    ...before,
    chunk('fmt ', format),
    chunk('data', samples, claims.dataSize ?? samples.length),
    after,
  ]);
  return chunk(magic, body, claims.riffSize ?? body.length);
}

/** 16 bit samples of a tone of 440 Hz at 16 kHz, at a tenth of full scale. */
export function tone16(frames: number): Uint8Array {
  const bytes = Buffer.alloc(2 * frames);
  for (let i = 0; i < frames; i++)
    bytes.writeInt16LE(Math.round(3_276 * Math.sin((2 * Math.PI * 440 * i) / 16_000)), 2 * i);
  return bytes;
}
