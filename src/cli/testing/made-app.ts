/** An app for tests of the command line: transcribes what it is told to, and remembers what it was asked. */
import type {
  App,
  AudioInput,
  DoctorCheck,
  ModelEntry,
  TranscribeHooks,
  TranscribeRequest,
  Transcript,
} from '../../app/index.ts';
import { millis, ScriptoriumError, type TranscriptSegment } from '../../core/index.ts';

/** What becomes of one recording. */
export type Script = (
  input: AudioInput,
  request: TranscribeRequest,
  hooks: TranscribeHooks,
) => Promise<readonly Transcript[]>;

export interface MadeApp {
  readonly app: App;
  readonly requests: { readonly input: string; readonly request: TranscribeRequest }[];
  readonly disposals: () => number;
}

/** A transcript of one sentence of one second, each word a share of it. */
export function sentence(text: string, channel?: number): Transcript {
  const texts = text.split(' ');
  const step = 1000 / texts.length;
  const words = texts.map((word, i) => ({
    text: word,
    start: millis(i * step),
    end: millis((i + 1) * step),
    probability: 0.9,
    tokens: [i + 1],
  }));
  const segment: TranscriptSegment = {
    text,
    start: millis(0),
    end: millis(1000),
    language: 'en',
    tokens: words.flatMap(({ tokens }) => tokens),
    words,
    avgLogprob: -0.2,
    noSpeechProbability: 0,
    compressionRatio: 1,
    temperature: 0,
  };
  return {
    text,
    language: 'en',
    task: 'transcribe',
    duration: millis(2000),
    segments: [segment],
    ...(channel === undefined ? {} : { channel }),
  };
}

/** Says the recording's name, with its bytes read first. It has two channels, unless it is called `mono…`. */
export const echo: Script = async (input, request, hooks) => {
  let bytes = 0;
  for await (const chunk of input.open()) bytes += chunk.length;
  hooks.onProgress?.({ decodedMs: millis(bytes), transcribedMs: millis(0) });
  const channels = request.channels === 'split' && !input.name.startsWith('mono') ? [0, 1] : [undefined];
  await hooks.onOpened?.(channels.length);
  const transcripts = channels.map((channel) => sentence(`This is ${input.name}.`, channel));
  for (const { segments } of transcripts) for (const segment of segments) hooks.onSegment?.(segment, 0);
  hooks.onProgress?.({ decodedMs: millis(2000), transcribedMs: millis(2000), totalMs: millis(2000) });
  return transcripts;
};

/** Rejects as the real one does soon after the signal aborts. */
export const untilCancelled: Script = (_input, _request, { signal }) =>
  new Promise((_resolve, reject) => {
    const cancel = (): void => {
      reject(new ScriptoriumError('cancelled', 'taken back'));
    };
    if (signal?.aborted === true) cancel();
    else signal?.addEventListener('abort', cancel, { once: true });
  });

const ENTRY: ModelEntry = {
  name: 'tiny.en',
  bytes: 43_550_000,
  state: 'built-in',
  multilingual: false,
  licence: 'MIT',
  source: 'https://models.example/tiny.en.bin',
  sha256: 'ab'.repeat(32),
  path: '/models/tiny.en.bin',
};

export const CHECKS: readonly DoctorCheck[] = [
  { name: 'node', status: 'ok', detail: 'v20.11.0', facts: { version: '20.11.0' } },
  { name: 'ffmpeg', status: 'warn', detail: 'not found', fix: 'Install ffmpeg for video.', facts: { found: false } },
];

export function madeApp(script: Script = echo, checks: readonly DoctorCheck[] = CHECKS): MadeApp {
  const requests: { input: string; request: TranscribeRequest }[] = [];
  let disposals = 0;
  const known = (name: string): ModelEntry => {
    if (name === ENTRY.name) return ENTRY;
    throw new ScriptoriumError('model-missing', `${name}: there is no model of this name`);
  };
  const app: App = {
    models: {
      list: () => Promise.resolve([ENTRY, { ...ENTRY, name: 'base', multilingual: true, state: 'absent', bytes: 0 }]),
      info: async (name) => ({
        name: known(name).name,
        digest: 'cd',
        multilingual: false,
        languages: ['en'],
        mels: 80,
        vocabulary: 51_864,
        precision: 'int8',
        path: '/models/tiny.en.bin',
        bytes: ENTRY.bytes,
        format: 'ggml',
        shape: { audioLayers: 4 },
      }),
      pull: async (name, options) => {
        const entry = known(name);
        options?.onProgress?.({ receivedBytes: 100, totalBytes: entry.bytes });
        return { ...entry, source: options?.mirror ?? entry.source };
      },
      remove: async (name) => ({ path: known(name).path ?? '', bytes: ENTRY.bytes }),
      verify: async (name) => [
        { name: known(name ?? ENTRY.name).name, path: '/models/tiny.en.bin', by: 'sha256', sound: true, reason: '' },
      ],
    },
    transcribe(input, request, hooks = {}) {
      requests.push({ input: input.name, request });
      return script(input, request, hooks);
    },
    async *decode(input) {
      // A recording of so many samples as it has bytes.
      for await (const chunk of input.open()) yield new Float32Array(chunk.length).fill(0.5);
    },
    async *doctor() {
      yield* checks;
    },
    versions: () => Promise.resolve({ scriptorium: '1.2.3', node: '20.11.0' }),
    stats: () => undefined,
    [Symbol.asyncDispose]() {
      disposals++;
      return Promise.resolve();
    },
  };
  return { app, requests, disposals: () => disposals };
}
