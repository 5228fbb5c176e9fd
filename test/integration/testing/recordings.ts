/** Recordings of several minutes, made of the bundled one. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JFK } from './file-service.ts';

/** Of the bundled recording: mono, 16 kHz, 16 bits. */
const HEAD_BYTES = 44;
const PAUSE = new Int16Array(16_000);

async function said(): Promise<Int16Array> {
  const bytes = (await readFile(JFK)).subarray(HEAD_BYTES);
  return Int16Array.from({ length: Math.floor(bytes.length / 2) }, (_, i) => bytes.readInt16LE(i * 2));
}

/** Writes a WAV of one or several channels at 16 kHz; shorter ones end in silence. */
async function writeWav(path: string, channels: readonly Int16Array[]): Promise<string> {
  const frames = Math.max(...channels.map(({ length }) => length));
  const bytes = Buffer.alloc(HEAD_BYTES + frames * channels.length * 2);
  bytes.write('RIFF');
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(channels.length, 22);
  bytes.writeUInt32LE(16_000, 24);
  bytes.writeUInt32LE(32_000 * channels.length, 28);
  bytes.writeUInt16LE(2 * channels.length, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(bytes.length - HEAD_BYTES, 40);
  channels.forEach((channel, c) =>
    channel.forEach((value, i) => bytes.writeInt16LE(value, HEAD_BYTES + (i * channels.length + c) * 2)),
  );
  await writeFile(path, bytes);
  return path;
}

const joined = (pieces: readonly Int16Array[]): Int16Array => {
  const whole = new Int16Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
};

/** The bundled recording so many times, a second of silence between. */
export async function repeated(folder: string, times: number): Promise<string> {
  const once = await said();
  const pieces = Array.from({ length: times }, () => [once, PAUSE]).flat();
  return writeWav(join(folder, `repeated-${times}.wav`), [joined(pieces)]);
}

/** Two speakers, a channel each: the second begins five seconds later. */
export async function dialogue(folder: string): Promise<string> {
  const once = await said();
  const [first, second] = [joined([once, PAUSE, once]), joined([new Int16Array(80_000), once])];
  return writeWav(join(folder, 'dialogue.wav'), [first, second]);
}
