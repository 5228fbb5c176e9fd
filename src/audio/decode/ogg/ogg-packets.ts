/** A packet of the one stream that is followed. */
export interface OggPacket {
  readonly bytes: Uint8Array;
  /** Where the stream stands behind it, in the codec's samples; set on the last packet that ends on a page. */
  readonly granule: number | undefined;
  /** The first packet of a stream; a file may hold several, one after the other. */
  readonly first: boolean;
  /** The last packet of a stream. */
  readonly last: boolean;
}

export interface OggDemuxer {
  /** Takes the next bytes. @returns the packets that they complete. */
  push(bytes: Uint8Array): readonly OggPacket[];
  /** Pages that were damaged or missing so far. */
  lost(): number;
  /** Whether the stream ended with the page that says so. */
  ended(): boolean;
}

/** RFC 3533 6: where the fields of a page's head stand, and its flags. */
const HEAD_BYTES = 27;
const FLAGS_AT = 5;
const GRANULE_AT = 6;
const SERIAL_AT = 14;
const SEQUENCE_AT = 18;
const CHECKSUM_AT = 22;
const SEGMENTS_AT = 26;
const CONTINUED = 1;
const FIRST = 2;
const LAST = 4;
const MAGIC = 'OggS';
/** Longest packet that is put together: a Vorbis header with a picture in it. */
const MAX_PACKET_BYTES = 33_554_432;

/** Takes an Ogg file apart. Pages with a damaged head are left out; other streams that are mixed in are passed over. */
export function createOggDemuxer(): OggDemuxer {
  let held: Buffer = Buffer.alloc(0);
  let serial: number | undefined;
  let sequence = 0;
  let lost = 0;
  /** The start of a packet that goes on on the next page; `undefined` when its start was lost. */
  let open: Buffer | undefined = Buffer.alloc(0);
  let opening = true;

  function readPage(page: Buffer): readonly OggPacket[] {
    const flags = page.readUInt8(FLAGS_AT);
    if (serial === undefined && (flags & FIRST) !== 0) {
      serial = page.readUInt32LE(SERIAL_AT);
      sequence = page.readUInt32LE(SEQUENCE_AT);
      open = Buffer.alloc(0);
      opening = true;
    }
    if (page.readUInt32LE(SERIAL_AT) !== serial) return [];
    if (page.readUInt32LE(SEQUENCE_AT) !== sequence) {
      lost++;
      open = undefined;
    }
    sequence = (page.readUInt32LE(SEQUENCE_AT) + 1) >>> 0;
    if ((flags & CONTINUED) === 0) open = Buffer.alloc(0);
    const packets = readPackets(page, (flags & LAST) !== 0);
    if ((flags & LAST) !== 0) serial = undefined;
    return packets;
  }

  /** Segments of 255 bytes go on in the next; a shorter one ends its packet. */
  function readPackets(page: Buffer, endsStream: boolean): readonly OggPacket[] {
    const segments = page.subarray(HEAD_BYTES, HEAD_BYTES + page.readUInt8(SEGMENTS_AT));
    const complete: Buffer[] = [];
    let at = HEAD_BYTES + segments.length;
    let start = at;
    for (const length of segments) {
      at += length;
      if (length === 255) continue;
      if (open !== undefined) complete.push(Buffer.concat([open, page.subarray(start, at)]));
      open = Buffer.alloc(0);
      start = at;
    }
    if (open !== undefined && at > start) open = Buffer.concat([open, page.subarray(start, at)]);
    if (open !== undefined && open.length > MAX_PACKET_BYTES) open = undefined;
    const granule = page.readBigInt64LE(GRANULE_AT);
    return complete.map((bytes, index) => {
      const first = opening;
      opening = false;
      const isLast = index === complete.length - 1;
      return {
        bytes,
        first,
        granule: isLast && granule >= 0n ? Number(granule) : undefined,
        last: isLast && endsStream,
      };
    });
  }

  return {
    push(bytes) {
      held = Buffer.concat([held, bytes]);
      const packets: OggPacket[] = [];
      for (;;) {
        const start = held.indexOf(MAGIC);
        if (start !== 0) held = held.subarray(start < 0 ? Math.max(0, held.length - MAGIC.length + 1) : start);
        const length = start < 0 ? undefined : pageLength(held);
        if (length === undefined || held.length < length) return packets;
        const page = held.subarray(0, length);
        const whole = isWhole(page);
        if (!whole && held.length < length + MAGIC.length) return packets;
        if (!whole) lost++;
        // Damage inside a page spoils a packet or two. If its head is damaged, no page follows where it says.
        if (whole || held.toString('latin1', length, length + MAGIC.length) === MAGIC) {
          packets.push(...readPage(page));
          held = held.subarray(length);
        } else {
          held = held.subarray(MAGIC.length);
        }
      }
    },
    lost: () => lost,
    ended: () => serial === undefined,
  };
}

/** Bytes of the page that starts here, once its head is whole. */
function pageLength(bytes: Buffer): number | undefined {
  if (bytes.length < HEAD_BYTES) return undefined;
  const segments = bytes.readUInt8(SEGMENTS_AT);
  if (bytes.length < HEAD_BYTES + segments) return undefined;
  const body = bytes.subarray(HEAD_BYTES, HEAD_BYTES + segments).reduce((sum, length) => sum + length, 0);
  return HEAD_BYTES + segments + body;
}

/** The checksum of a page, counted with its own four bytes as 0. */
function isWhole(page: Buffer): boolean {
  let sum = 0;
  for (let i = 0; i < page.length; i++) {
    const byte = i >= CHECKSUM_AT && i < CHECKSUM_AT + 4 ? 0 : (page[i] ?? 0);
    sum = ((sum << 8) ^ (CHECKSUMS[(sum >>> 24) ^ byte] ?? 0)) >>> 0;
  }
  return sum === page.readUInt32LE(CHECKSUM_AT);
}

/** CRC-32 with the polynomial of RFC 3533, high bit first, of each byte. */
const CHECKSUMS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte << 24;
  for (let bit = 0; bit < 8; bit++) sum = sum < 0 ? (sum << 1) ^ 0x04c1_1db7 : sum << 1;
  return sum >>> 0;
});
