/** What the same server makes of the same clips as files, each asked for once. */
import { z } from 'zod';
import { wavHeader } from '../sides/wav.ts';
import type { SpokenClip } from './streams.ts';

const Answer = z.object({ text: z.string() });

export function batchTexts(url: string): (clip: SpokenClip) => Promise<string> {
  const known = new Map<SpokenClip, Promise<string>>();
  async function ask({ pcm }: SpokenClip): Promise<string> {
    const bytes = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
    const form = new FormData();
    form.append('model', 'whisper-1');
    form.append(
      'file',
      new Blob([new Uint8Array(Buffer.concat([wavHeader('pcm16', bytes.length), bytes]))]),
      'clip.wav',
    );
    const answer = await fetch(`${url}/v1/audio/transcriptions`, { method: 'POST', body: form });
    return Answer.parse(await answer.json()).text;
  }
  return (clip) => {
    const text = known.get(clip) ?? ask(clip);
    known.set(clip, text);
    return text;
  };
}
