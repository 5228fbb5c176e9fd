/** Broker, worker and aggregator as a server composes them, around a scripted engine; nothing listens. */
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startAggregator } from '../../../src/aggregator/index.ts';
import { nodeClock } from '../../../src/app/node-clock.ts';
import { loadSileroVad } from '../../../src/audio/index.ts';
import { openLocalBroker } from '../../../src/brokers/index.ts';
import type {
  AudioLedger,
  Broker,
  Clock,
  Engine,
  LoggedEvent,
  Logger,
  Telemetry,
  TranscriptionEvent,
  TranscriptionRequest,
  Vad,
} from '../../../src/core/index.ts';
import {
  DEFAULT_DECODE_OPTIONS,
  millis,
  newRecord,
  prepareJob,
  transcriptKey,
  uploadKey,
} from '../../../src/core/index.ts';
import { startWorker } from '../../../src/worker/index.ts';

const ROOT = new URL('../../../', import.meta.url);
export const pathOf = (name: string): string => fileURLToPath(new URL(name, ROOT));
export const JFK = pathOf('examples/jfk.wav');

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, with: () => silent };
export const noTelemetry: Telemetry = {
  log: silent,
  meter: { counter: () => ({ add() {} }), histogram: () => ({ observe() {} }), gauge() {} },
};

export const tempFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'scriptorium-service-'));
export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

export const loadVad = (): Promise<Vad> => loadSileroVad(pathOf('models/silero-vad-v6.onnx'));

export type Ended = Extract<TranscriptionEvent, { readonly ledger: AudioLedger }>;

export const REQUEST: TranscriptionRequest = {
  name: 'talk.wav',
  jobClass: 'batch',
  channels: 'mix',
  model: 'scripted',
  options: { ...DEFAULT_DECODE_OPTIONS, words: true },
  sha256: '',
  bytes: 0,
  retention: millis(60_000),
  metadata: {},
};

export interface FileService {
  readonly broker: Broker;
  /** Takes a file as the gateway does. */
  readonly submit: (id: string, path: string, asked?: Partial<TranscriptionRequest>) => Promise<void>;
  /** Every event, to the last. */
  readonly events: (id: string) => Promise<readonly TranscriptionEvent[]>;
  /** The last event. */
  readonly ended: (id: string) => Promise<Ended>;
  readonly transcripts: (id: string) => Promise<unknown>;
  /** Stops as a server does, or as if it were killed: without a word to the broker's users. */
  readonly stop: (how?: 'drain' | 'give-back') => Promise<void>;
}

export interface FileServiceOptions {
  readonly folder: string;
  readonly engine: Engine;
  readonly vad: Vad;
  readonly slots?: number;
  /** The worker's; the machine's unless given. */
  readonly clock?: Clock;
  /** Who of the parts has another broker than the others. */
  readonly changed?: { readonly worker?: (broker: Broker) => Broker; readonly others?: (broker: Broker) => Broker };
}

export async function fileService({
  folder,
  engine,
  vad,
  slots = 4,
  clock = nodeClock,
  changed = {},
}: FileServiceOptions): Promise<FileService> {
  const opened = await openLocalBroker({ folder, clock: nodeClock, startedAt: millis(Date.now()) });
  const broker = changed.others?.(opened) ?? opened;
  const shared = { broker, clock: nodeClock, telemetry: noTelemetry };
  const aggregator = startAggregator({ ...shared, name: 'aggregator' });
  const worker = startWorker(
    {
      ...shared,
      clock,
      broker: changed.worker?.(opened) ?? opened,
      engines: { use: () => Promise.resolve({ engine, release() {} }) },
      vad: () => Promise.resolve(vad),
    },
    {
      name: 'worker',
      lanes: [{ classes: ['final', 'partial', 'interactive', 'batch'], slots, decoders: 2 }],
      extendEvery: millis(500),
    },
  );
  const follow = (id: string): AsyncIterable<LoggedEvent<TranscriptionEvent>> =>
    broker.events.follow(id, 0, new AbortController().signal);

  const service: FileService = {
    broker,
    async submit(id, path, asked = {}) {
      const { bytes, sha256 } = await broker.blobs.put(uploadKey(id), createReadStream(path), { limit: 1e9 });
      const record = newRecord({ ...REQUEST, sha256, bytes, ...asked }, broker.now());
      await broker.sessions.create(id, 'somebody', record);
      await broker.events.append(id, 0, [{ type: 'accepted' }]);
      await broker.jobs.put(prepareJob({ id, tenant: 'somebody', record }));
    },
    async events(id) {
      const all: TranscriptionEvent[] = [];
      for await (const { event, seq } of follow(id)) {
        all.push(event);
        if (seq !== all.length) throw new Error(`event ${seq} came as number ${all.length}`);
        if ('ledger' in event) return all;
      }
      throw new Error('the events ended early');
    },
    async ended(id) {
      for await (const { event } of follow(id)) if ('ledger' in event) return event;
      throw new Error('the events ended early');
    },
    async transcripts(id) {
      const pieces: Uint8Array[] = [];
      for await (const piece of broker.blobs.open(transcriptKey(id))) pieces.push(piece);
      const transcripts: unknown = JSON.parse(Buffer.concat(pieces).toString('utf8'));
      return transcripts;
    },
    async stop(how = 'drain') {
      await worker.stop(how === 'drain' ? new AbortController().signal : AbortSignal.abort());
      await aggregator.stop();
      await broker[Symbol.asyncDispose]();
    },
  };
  return service;
}
