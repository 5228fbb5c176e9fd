import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { samples } from '../../../core/index.ts';
import { tempFolder } from '../testing/made-data.ts';
import { audioStore, type LocalAudio } from './audio-store.ts';
import { heldAudio } from './held-audio.ts';

const world = { checkOpen: () => {}, checkSpace: async () => {} };

async function made(bounds = { track: 20, total: 50 }, mayHold = (_session: string): boolean => true) {
  const files = await audioStore(await tempFolder(), 2000, world);
  return { files, audio: heldAudio(files, world, bounds, mayHold) };
}

const pcmOf = (from: number, length: number): Int16Array => Int16Array.from({ length }, (_, index) => from + index);
const range = ({ port }: LocalAudio, from: number, to: number) =>
  port.range({ session: 's', channel: 0, from: samples(from), to: samples(to) });
const append = ({ port }: LocalAudio, at: number, length: number, session = 's') =>
  port.append(session, 0, samples(at), pcmOf(at, length));

test('says the same as the files do of whatever is written, read, trimmed and dropped', async () => {
  const sound = fc.record({ at: fc.nat(60), length: fc.nat(30) });
  const step = fc.oneof(
    { weight: 6, arbitrary: sound.map((given) => ({ kind: 'append', ...given }) as const) },
    { weight: 4, arbitrary: sound.map((given) => ({ kind: 'range', ...given }) as const) },
    { weight: 1, arbitrary: fc.nat(40).map((at) => ({ kind: 'trim', at, length: 0 }) as const) },
    { weight: 1, arbitrary: fc.constant({ kind: 'drop', at: 0, length: 0 } as const) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.boolean(), async (steps, atOnce) => {
      const { audio } = await made();
      const { files } = await made();
      const run = async (store: LocalAudio): Promise<readonly unknown[]> => {
        const said: Promise<unknown>[] = [];
        for (const { kind, at, length } of steps) {
          // Only writes may follow each other without a wait: what a read sees meanwhile is anybody's guess.
          if (!(atOnce && kind === 'append')) await Promise.all(said);
          const work: Promise<unknown> =
            kind === 'append'
              ? append(store, at, length)
              : kind === 'range'
                ? range(store, at, at + length)
                : kind === 'trim'
                  ? store.port.trim('s', 0, samples(at))
                  : store.port.drop('s');
          said.push(work.catch((error: unknown) => String(error)));
        }
        return [await Promise.all(said), await store.port.end('s', 0)];
      };
      expect(await run(audio)).toEqual(await run(files));
      await audio.close();
      await files.close();
    }),
    { numRuns: 60 },
  );
});

test('what is short is in no file, and what grows longer is in one, all of it', async () => {
  const { files, audio } = await made();
  await append(audio, 0, 20);
  expect([files.sessions(), audio.sessions(), await audio.port.end('s', 0)]).toEqual([[], ['s'], 20]);
  await append(audio, 20, 1);
  expect([await files.port.end('s', 0), await audio.port.end('s', 0)]).toEqual([21, 21]);
  expect(await range(audio, 5, 21)).toEqual(pcmOf(5, 16));
  await audio.forget('s');
  expect([audio.sessions(), await audio.port.end('s', 0)]).toEqual([[], 0]);
  await files.close();
});

test('holds no more than it may of all sessions, and takes anew when some is dropped', async () => {
  const { files, audio } = await made();
  for (const session of ['a', 'b', 'c']) await append(audio, 0, 20, session);
  expect(files.sessions()).toEqual(['c']);
  await audio.port.drop('a');
  await append(audio, 0, 20, 'd');
  expect(files.sessions()).toEqual(['c']);
  await files.close();
});

test('a file that can not be written leaves what is held as it was', async () => {
  const { files, audio } = await made();
  await append(audio, 0, 20);
  const failing = vi.spyOn(files.port, 'append').mockRejectedValueOnce(new Error('no space'));
  await expect(append(audio, 20, 5)).rejects.toThrow('no space');
  expect(await range(audio, 0, 20)).toEqual(pcmOf(0, 20));
  failing.mockRestore();
  await append(audio, 20, 5);
  expect(await range(audio, 0, 25)).toEqual(pcmOf(0, 25));
  await files.close();
});

test('holds nothing that was promised', async () => {
  const { files, audio } = await made(undefined, (session) => session !== 's');
  await append(audio, 0, 1);
  expect(files.sessions()).toEqual(['s']);
  await files.close();
});
