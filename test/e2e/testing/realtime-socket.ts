/** A bare socket of OpenAI's Realtime, which no client makes anew: whether it was closed is seen. */
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';

export interface RealtimeSocket {
  /** Close codes so far: none, or one. */
  readonly closes: readonly number[];
  /** @param speech 16 kHz, mono, 16 bit. @returns what was heard. */
  say(speech: Uint8Array): Promise<string>;
  close(): void;
}

const Told = z.looseObject({ type: z.string(), transcript: z.string().optional() });
const SESSION = {
  type: 'transcription',
  audio: { input: { format: { type: 'audio/pcm', rate: 16_000 }, turn_detection: null } },
};

/** Resolves when its session is there. @throws Error when it is refused. */
export async function openRealtime(url: string): Promise<RealtimeSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/realtime?intent=transcription`);
  onTestFinished(() => socket.terminate());
  const closes: number[] = [];
  const waiting = new Map<string, (transcript: string) => void>();
  const next = (type: string): Promise<string> =>
    new Promise((resolve, reject) => {
      if (closes.length > 0) reject(new Error(`the socket was closed with ${closes.join()}`));
      waiting.set(type, resolve);
      socket.once('error', reject);
      socket.once('close', (code) => reject(new Error(`the socket was closed with ${String(code)}`)));
    });
  const send = (message: object): void => socket.send(JSON.stringify(message));
  socket.on('close', (code) => void closes.push(code));
  socket.on('message', (data: Buffer) => {
    const { type, transcript } = Told.parse(JSON.parse(data.toString('utf8')));
    waiting.get(type)?.(transcript ?? '');
  });
  await next('session.created');
  send({ type: 'session.update', session: SESSION });
  return {
    closes,
    async say(speech) {
      const heard = next('conversation.item.input_audio_transcription.completed');
      send({ type: 'input_audio_buffer.append', audio: Buffer.from(speech).toString('base64') });
      send({ type: 'input_audio_buffer.commit' });
      return heard;
    },
    close: () => socket.close(),
  };
}
