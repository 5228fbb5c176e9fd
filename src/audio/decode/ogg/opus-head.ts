const HEAD_BYTES = 19;
const HEAD = 'OpusHead';

/** What the first packet of a stream says (RFC 7845 5.1). */
export interface OpusHead {
  readonly channels: number;
  readonly preSkip: number;
  readonly streamCount: number;
  readonly coupledStreamCount: number;
  readonly channelMappingTable: number[];
}

/** @returns undefined when it is none. */
export function parseOpusHead(bytes: Uint8Array): OpusHead | undefined {
  if (bytes.length < HEAD_BYTES || !startsWith(bytes, HEAD)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const channels = view.getUint8(9);
  const preSkip = view.getUint16(10, true);
  const family = view.getUint8(18);
  if (channels === 0) return undefined;
  if (family === 0) {
    const coupled = channels - 1;
    return {
      channels,
      preSkip,
      streamCount: 1,
      coupledStreamCount: coupled,
      channelMappingTable: [0, 1].slice(0, channels),
    };
  }
  if (bytes.length < HEAD_BYTES + 2 + channels) return undefined;
  const channelMappingTable = [...bytes.subarray(HEAD_BYTES + 2, HEAD_BYTES + 2 + channels)];
  return {
    channels,
    preSkip,
    streamCount: view.getUint8(19),
    coupledStreamCount: view.getUint8(20),
    channelMappingTable,
  };
}

export function startsWith(bytes: Uint8Array, magic: string): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, magic.length)).toString('latin1') === magic;
}
