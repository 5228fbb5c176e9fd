import type { LookupFunction } from 'node:net';
import type { Broker, Clock, DecodeOptions, Millis, Telemetry, Vad } from '../core/index.ts';
import type { KeyRing } from './access/key-ring.ts';
import type { GatewaySettings } from './settings.ts';

/** A model that may be asked for. */
export interface ServedModel {
  readonly id: string;
  /** Since the Unix epoch. */
  readonly created: Millis;
  /** ISO 639-1 codes. */
  readonly languages: readonly string[];
  /** Whether it can translate into English. */
  readonly translates: boolean;
}

export interface ModelsView {
  /** What stands for OpenAI's names, and for none. */
  readonly default: string;
  list(): Promise<readonly ServedModel[]>;
  find(id: string): Promise<ServedModel | undefined>;
}

/** One thing that must be well for the server to be ready. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** Why not, in a few words. */
  readonly note?: string;
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** All that a gateway needs from outside. */
export interface GatewayParts {
  readonly broker: Broker;
  readonly models: ModelsView;
  readonly telemetry: Telemetry;
  /** What `/metrics` answers, in Prometheus's text format. */
  readonly metrics: () => Promise<string>;
  /** What must be well beside the gateway's own parts: the engine, the store. Must be quick. */
  readonly checks: () => readonly Check[];
  /** What `/v1/status` shows beside the gateway's own numbers. */
  readonly status: () => { readonly [name: string]: Json };
  readonly version: string;
  readonly clock: Clock;
  /** So many bytes that nobody can guess. */
  readonly random: (bytes: number) => Uint8Array;
  readonly keys: KeyRing;
  /** What a request changes only where it says so. */
  readonly decode: DecodeOptions;
  /** Finds speech in live sessions; loaded with the first. */
  readonly vad: () => Promise<Vad>;
  /** What browsers are given to try live sessions with: the page, and the client as a module. */
  readonly pages: { readonly live: () => Promise<string>; readonly client: () => Promise<string> };
  /** Asks for the addresses of a host: what URLs of recordings are looked up with. */
  readonly lookup: LookupFunction;
  readonly settings: GatewaySettings;
  /** Whether other gateways share the broker: what this one leaves behind when it stops, they go on with. */
  readonly isShared: boolean;
}
