import { lookup } from 'node:dns';
import { onTestFinished } from 'vitest';
import { DEFAULT_DECODE_OPTIONS, millis, type Clock, type Telemetry } from '../../core/index.ts';
import {
  DEFAULT_GATEWAY_SETTINGS,
  openKeyRing,
  startGateway,
  type Gateway,
  type GatewayParts,
  type GatewaySettings,
  type ServedModel,
} from '../index.ts';
import type { MadeBroker } from './made-broker.ts';

const CLOCK: Clock = {
  now: () => millis(performance.now()),
  after(delay, callback) {
    const timer = setTimeout(callback, delay).unref();
    return () => clearTimeout(timer);
  },
};

const MODELS: readonly ServedModel[] = [
  { id: 'tiny.en', created: millis(1_663_000_000_000), languages: ['en'], translates: false },
  { id: 'org/small', created: millis(1_663_000_000_000), languages: ['en', 'de', 'fr'], translates: true },
];

export interface MadeGateway extends Gateway {
  /** Lines of the log. */
  readonly log: string[];
}

interface Wishes {
  readonly settings?: Partial<GatewaySettings>;
  readonly keys?: readonly string[];
  readonly parts?: Partial<GatewayParts>;
}

/** A gateway on a free port, closed when the test is over. */
export async function madeGateway(
  broker: MadeBroker,
  { settings, keys = [], parts }: Wishes = {},
): Promise<MadeGateway> {
  const log: string[] = [];
  const gateway = await startGateway({
    broker,
    models: {
      default: 'tiny.en',
      list: async () => MODELS,
      find: async (id) => MODELS.find((model) => model.id === id),
    },
    telemetry: madeTelemetry(log),
    metrics: async () => '# metrics\n',
    checks: () => [{ name: 'engine', ok: true }],
    status: () => ({ workers: 1 }),
    version: '0.0.0',
    clock: CLOCK,
    random: (count) => crypto.getRandomValues(new Uint8Array(count)),
    keys: openKeyRing(keys),
    isShared: false,
    decode: DEFAULT_DECODE_OPTIONS,
    vad: () => Promise.reject(new Error('nobody speaks here')),
    pages: { live: async () => '<title>live</title>', client: async () => 'export {}' },
    lookup,
    settings: { ...DEFAULT_GATEWAY_SETTINGS, port: 0, ...settings },
    ...parts,
  });
  onTestFinished(() => gateway.close(AbortSignal.abort(), millis(0)));
  return { ...gateway, log };
}

/** Log lines go there, numbers nowhere. */
export function madeTelemetry(lines: string[]): Telemetry {
  const logger = (facts: object): Telemetry['log'] => {
    const write = (message: string, more: object = {}): void =>
      void lines.push(JSON.stringify({ message, ...facts, ...more }));
    return { debug: write, info: write, warn: write, error: write, with: (more) => logger({ ...facts, ...more }) };
  };
  const nothing = { add: () => {}, observe: () => {} };
  return { log: logger({}), meter: { counter: () => nothing, histogram: () => nothing, gauge: () => {} } };
}

/** A form with a small file, and fields in the order given. */
export function form(fields: Readonly<Record<string, string>> = {}, file = 'RIFF....WAVE'): FormData {
  const body = new FormData();
  body.append('file', new Blob([file]), 'fox.wav');
  for (const [name, value] of Object.entries({ model: 'whisper-1', ...fields })) body.append(name, value);
  return body;
}
