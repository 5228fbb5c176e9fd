/**
 * Sends the sound of a recording in real time, over and over, on many sockets, and reads nothing of what comes back.
 * `frame-sender.ts URL SESSIONS SECONDS FILE`; FILE holds 16-bit samples, 16 kHz, mono.
 */
import { readFileSync } from 'node:fs';
import { argv } from 'node:process';
import { WebSocket } from 'ws';

/** 100 ms. */
const FRAME_BYTES = 3200;
const FRAME_MS = 100;
const START = JSON.stringify({ type: 'start', audio: { encoding: 'pcm_s16le', sample_rate: 16_000, channels: 1 } });

const [, , url = '', sessions = '0', seconds = '0', file = ''] = argv;
const sound = readFileSync(file);
const frames = Math.floor(sound.length / FRAME_BYTES);

function speak(index: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/live`, 'stt.live.v1');
    const begun = performance.now() + (index * FRAME_MS) / Number(sessions);
    const count = (Number(seconds) * 1000) / FRAME_MS;
    const send = (frame: number): void => {
      if (frame >= count) {
        socket.close();
        return;
      }
      // Each at another place of the recording.
      const at = ((frame + index * 7) % frames) * FRAME_BYTES;
      socket.send(sound.subarray(at, at + FRAME_BYTES));
      setTimeout(() => send(frame + 1), Math.max(0, begun + (frame + 1) * FRAME_MS - performance.now()));
    };
    socket.on('open', () => {
      socket.send(START);
      send(0);
    });
    socket.on('message', () => {});
    socket.on('error', reject);
    socket.on('close', () => resolve());
  });
}

await Promise.all(Array.from({ length: Number(sessions) }, (_, index) => speak(index)));
