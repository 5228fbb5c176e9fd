import { READ_AIFC_CODINGS } from './aiff.ts';
import { findMpegFrame } from './mpeg-frame.ts';
import { READ_WAVE_TAGS, wavTag } from './wav/wav-header.ts';

/** What a file is, told by its first bytes. */
export type Sniffed =
  | { readonly kind: 'wav' | 'aiff' | 'flac' | 'mp3' | 'ogg-opus' | 'ogg-vorbis' | 'ogg-flac' | 'webm' }
  | { readonly kind: 'other-audio'; readonly what: string }
  | { readonly kind: 'not-audio'; readonly what: string }
  | { readonly kind: 'unknown' };

/** Bytes that `sniff` wants to see, fewer only when the file is shorter. */
export const SNIFF_BYTES = 4_096;

/** What `ffmpeg` reads, by magic number: offset, bytes as Latin-1, and what people call it. */
const OTHER_AUDIO: readonly (readonly [number, string, string])[] = [
  [4, 'ftypM4A', 'M4A/MP4'],
  [4, 'ftypqt', 'QuickTime'],
  [4, 'ftyp3g', '3GP'],
  [4, 'ftyp', 'M4A/MP4'],
  [4, 'moov', 'QuickTime'],
  [4, 'mdat', 'QuickTime'],
  [4, 'wide', 'QuickTime'],
  [0, '#!AMR', 'AMR'],
  [0, '\x30\x26\xb2\x75\x8e\x66\xcf\x11', 'WMA/ASF'],
  [0, 'caff', 'Core Audio'],
  [0, 'RIFX', 'big-endian WAV'],
  [0, 'riff\x2e\x91\xcf\x11', 'Wave64'],
  [0, '.snd', 'AU'],
  [0, 'wvpk', 'WavPack'],
  [0, 'MAC ', "Monkey's Audio"],
  [0, 'TTA1', 'True Audio'],
  [0, 'MPCK', 'Musepack'],
  [0, 'MP+', 'Musepack'],
  [0, 'DSD ', 'DSD'],
  [0, 'FLV\x01', 'Flash video'],
  [0, '\x00\x00\x01\xba', 'MPEG video'],
  [0, '\x00\x00\x01\xb3', 'MPEG video'],
  [0, 'ADIF', 'AAC'],
];

/** All but white space. */
const CONTROLS = /[^\P{Cc}\s]/u;

const NOT_AUDIO: readonly (readonly [number, string, string])[] = [
  [0, '\x89PNG\r\n\x1a\n', 'a PNG picture'],
  [0, '\xff\xd8\xff', 'a JPEG picture'],
  [0, 'GIF8', 'a GIF picture'],
  [8, 'WEBP', 'a WebP picture'],
  [0, 'BM', 'a BMP picture'],
  [0, 'II*\0', 'a TIFF picture'],
  [0, 'MM\0*', 'a TIFF picture'],
  [4, 'ftypheic', 'a HEIC picture'],
  [4, 'ftypmif1', 'a HEIF picture'],
  [4, 'ftypavif', 'an AVIF picture'],
  [0, '%PDF-', 'a PDF document'],
  [0, 'PK\x03\x04', 'a ZIP archive or an office document'],
  [0, '\x1f\x8b', 'a gzip archive'],
  [0, '7z\xbc\xaf', 'a 7z archive'],
  [0, 'Rar!', 'a RAR archive'],
  [0, '\xfd7zXZ', 'an xz archive'],
  [0, '\x7fELF', 'a program'],
  [0, 'MThd', 'a MIDI file: notes, not sound'],
  [257, 'ustar', 'a tar archive'],
];

/** @param head the first `SNIFF_BYTES` bytes. */
export function sniff(head: Uint8Array): Sniffed {
  const text = latin1(head);
  const riff = text.startsWith('RIFF') || text.startsWith('RF64') || text.startsWith('BW64');
  if (riff && text.startsWith('WAVE', 8)) return sniffWav(head, text);
  if (text.startsWith('FORM') && text.startsWith('AIFF', 8)) return { kind: 'aiff' };
  if (text.startsWith('FORM') && text.startsWith('AIFC', 8)) return sniffAifc(text);
  if (text.startsWith('fLaC')) return { kind: 'flac' };
  if (text.startsWith('OggS')) return sniffOgg(text);
  // EBML's own id (RFC 8794, section 11.2.1).
  if (text.startsWith('\x1aE\xdf\xa3')) return { kind: 'webm' };
  for (const [offset, magic, what] of NOT_AUDIO) {
    if (text.startsWith(magic, offset) && !(magic === 'BM' && isText(head))) return { kind: 'not-audio', what };
  }
  for (const [offset, magic, what] of OTHER_AUDIO) {
    if (text.startsWith(magic, offset)) return { kind: 'other-audio', what };
  }
  if (text.startsWith('RIFF') && text.startsWith('AVI ', 8)) return { kind: 'other-audio', what: 'AVI video' };
  if (isText(head)) return { kind: 'not-audio', what: 'text' };
  if (isAdts(head)) return { kind: 'other-audio', what: 'AAC' };
  if (findMpegFrame(head) !== undefined) return { kind: 'mp3' };
  return { kind: 'unknown' };
}

/** ADTS: twelve ones, then layer 0 (ISO 13818-7). */
function isAdts(head: Uint8Array): boolean {
  return head[0] === 0xff && ((head[1] ?? 0) & 0xf6) === 0xf0;
}

/** WAV in a coding that is not read here is left to others, by its tag, when that stands near enough to be seen. */
function sniffWav(head: Uint8Array, text: string): Sniffed {
  const body = text.indexOf('fmt ') + 8;
  if (body < 8 || head.length < body + 26) return { kind: 'wav' };
  const tag = wavTag(head.subarray(body));
  return READ_WAVE_TAGS.has(tag) ? { kind: 'wav' } : { kind: 'other-audio', what: `WAV (coding ${tag})` };
}

/** The same for AIFF-C, by the four letters behind the format's eighteen bytes. */
function sniffAifc(text: string): Sniffed {
  const body = text.indexOf('COMM') + 8;
  const coding = text.slice(body + 18, body + 22);
  if (body < 8 || coding.length < 4 || READ_AIFC_CODINGS.has(coding)) return { kind: 'aiff' };
  return { kind: 'other-audio', what: `AIFF-C (coding ${coding.replaceAll(/[^\x20-\x7e]/gu, '?')})` };
}

/** The first packet of the first page, behind 27 bytes and the segment table (RFC 3533 6), names the coding. */
function sniffOgg(text: string): Sniffed {
  const packet = 27 + (text.codePointAt(26) ?? 0);
  if (text.startsWith('OpusHead', packet)) return { kind: 'ogg-opus' };
  if (text.startsWith('\x01vorbis', packet)) return { kind: 'ogg-vorbis' };
  if (text.startsWith('\x7fFLAC', packet)) return { kind: 'ogg-flac' };
  if (text.startsWith('\x80theora', packet)) return { kind: 'other-audio', what: 'Ogg video' };
  return { kind: 'other-audio', what: text.startsWith('Speex', packet) ? 'Ogg Speex' : 'Ogg' };
}

/** Text is valid UTF-8, or UTF-16 behind a byte order mark, without control characters but those of white space. */
function isText(head: Uint8Array): boolean {
  const little = head[0] === 0xff && head[1] === 0xfe;
  const big = head[0] === 0xfe && head[1] === 0xff;
  const encoding = little ? 'utf-16le' : big ? 'utf-16be' : 'utf-8';
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(head, { stream: true });
    return text.length > 0 && !CONTROLS.test(text);
  } catch {
    return false;
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
