/** A Matroska or WebM file as it comes: the packets of its first Opus track (RFC 9559; EBML is RFC 8794). */

export interface WebmDemuxer {
  /** Takes the next bytes. @returns the packets that they complete. @throws Error at bytes that are no EBML. */
  push(bytes: Uint8Array): readonly Uint8Array[];
  /** What the track's head says (`OpusHead`); undefined until it was seen. */
  head(): Uint8Array | undefined;
}

/** Elements whose children are read in their place: where one ends need not be known, so a live recorder's unknown sizes are as good. */
const ENTERED: ReadonlySet<number> = new Set([
  0x18538067, // Segment
  0x1f43b675, // Cluster
  0x1654ae6b, // Tracks
  0xa0, // BlockGroup
]);
const TRACK_ENTRY = 0xae;
const TRACK_NUMBER = 0xd7;
const CODEC_ID = 0x86;
const CODEC_PRIVATE = 0x63a2;
const SIMPLE_BLOCK = 0xa3;
const BLOCK = 0xa1;
const READ: ReadonlySet<number> = new Set([TRACK_NUMBER, CODEC_ID, CODEC_PRIVATE, SIMPLE_BLOCK, BLOCK]);

const OPUS = 'A_OPUS';
/** Longest element that is read: the longest Opus packet of 8 channels is 61,440 bytes. */
const MAX_READ_BYTES = 65_536;
/** Longest block of another track, a picture, that is passed over. */
const MAX_BLOCK_BYTES = 67_108_864;
/** An id has at most four bytes, a size eight. */
const MAX_ID_BYTES = 4;
const MAX_SIZE_BYTES = 8;
/** Of a block: track number, then 16 bits of time and 8 of flags. */
const BLOCK_HEAD_BYTES = 3;
const LACING = 0x06;

interface Element {
  readonly id: number;
  /** Undefined when it is not known. */
  readonly size: number | undefined;
  /** Of id and size. */
  readonly headBytes: number;
}

interface Track {
  number?: number;
  isOpus?: boolean;
  head?: Uint8Array;
}

export function createWebmDemuxer(): WebmDemuxer {
  let held = new Uint8Array(0);
  /** Of an element that nobody reads. */
  let passOver = 0;
  let track: Track = {};
  let opus: Track | undefined;
  let packets: Uint8Array[] = [];

  function settle(): void {
    if (opus === undefined && track.isOpus === true && track.number !== undefined && track.head !== undefined)
      opus = track;
  }

  function take(id: number, body: Uint8Array): void {
    if (id === TRACK_NUMBER) track.number = body.reduce((value, byte) => value * 256 + byte, 0);
    else if (id === CODEC_ID) track.isOpus = Buffer.from(body).toString('latin1').startsWith(OPUS);
    else if (id === CODEC_PRIVATE) track.head = body.slice();
    else takeBlock(body);
    settle();
  }

  function takeBlock(body: Uint8Array): void {
    const number = vint(body, 0, MAX_SIZE_BYTES);
    if (number === undefined || opus === undefined || number.value !== opus.number) return;
    const flags = body[number.bytes + BLOCK_HEAD_BYTES - 1] ?? 0;
    // Several packets in a block: no writer of Opus does that.
    if ((flags & LACING) !== 0) throw new Error('laced blocks are not read');
    packets.push(body.slice(number.bytes + BLOCK_HEAD_BYTES));
  }

  /** One step through what is held. @returns bytes that are done with; undefined when more must come first. */
  function step(): number | undefined {
    const element = elementAt(held);
    if (element === undefined) return undefined;
    const { id, size, headBytes } = element;
    if (id === TRACK_ENTRY) track = {};
    if (ENTERED.has(id) || id === TRACK_ENTRY) return headBytes;
    if (size === undefined) throw new Error('an element of unknown size');
    if (!READ.has(id)) {
      passOver = size;
      return headBytes;
    }
    if (size > MAX_READ_BYTES) return passLong(id, size, headBytes);
    if (held.length < headBytes + size) return undefined;
    take(id, held.subarray(headBytes, headBytes + size));
    return headBytes + size;
  }

  /** Too long to be Opus: of another track it is nobody's, of ours it is damage. */
  function passLong(id: number, size: number, headBytes: number): number | undefined {
    if (size > MAX_BLOCK_BYTES) throw new Error(`an element of ${size} bytes`);
    if (opus !== undefined && (id === SIMPLE_BLOCK || id === BLOCK)) {
      const number = vint(held, headBytes, MAX_SIZE_BYTES);
      if (number === undefined) return undefined;
      if (number.value === opus.number) throw new Error(`an Opus packet of ${size} bytes`);
    }
    passOver = size;
    return headBytes;
  }

  return {
    push(bytes) {
      held = held.length === 0 ? new Uint8Array(bytes) : new Uint8Array(Buffer.concat([held, bytes]));
      packets = [];
      for (;;) {
        const skipped = Math.min(passOver, held.length);
        passOver -= skipped;
        held = held.subarray(skipped);
        const done = passOver > 0 || held.length === 0 ? undefined : step();
        if (done === undefined) break;
        held = held.subarray(done);
      }
      return packets;
    },
    head: () => opus?.head,
  };
}

/** The element that begins here; undefined when its head is not all there. @throws Error when there is none. */
function elementAt(bytes: Uint8Array): Element | undefined {
  const id = vint(bytes, 0, MAX_ID_BYTES);
  if (id === undefined) return undefined;
  const size = vint(bytes, id.bytes, MAX_SIZE_BYTES);
  if (size === undefined) return undefined;
  // Ids keep the bit that tells their length.
  const whole = id.value + 2 ** (7 * id.bytes);
  return { id: whole, size: size.isUnknown ? undefined : size.value, headBytes: id.bytes + size.bytes };
}

interface Vint {
  readonly value: number;
  readonly bytes: number;
  readonly isUnknown: boolean;
}

/** A number whose first one-bit tells its length (RFC 8794, section 4). @throws Error when that is too long. */
function vint(bytes: Uint8Array, at: number, most: number): Vint | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  const length = Math.clz32(first) - 23;
  if (length > most) throw new Error('no EBML number');
  if (bytes.length < at + length) return undefined;
  let value = first - 2 ** (8 - length);
  for (let i = 1; i < length; i++) value = value * 256 + (bytes[at + i] ?? 0);
  return { value, bytes: length, isUnknown: value === 2 ** (7 * length) - 1 };
}
