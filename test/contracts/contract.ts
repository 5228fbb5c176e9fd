/** What the suite for brokers is made of: rules over a broker that somebody opens, and a broken broker for each. */
import type { Broker, Millis } from '../../src/core/index.ts';

/** Bounds that the rules expect of the broker under test. */
export interface ContractBounds {
  /** Jobs a class holds. */
  readonly depth: number;
  readonly lease: Millis;
  readonly remember: Millis;
  readonly hold: Millis;
  readonly pendingOutcomes: number;
}

/** One broker of its own for one rule. */
export interface Harness {
  /** Changes with `restart`. */
  readonly broker: () => Broker;
  readonly bounds: ContractBounds;
  /** Lets broker time pass, and what is due then happen. */
  readonly pass: (time: number) => Promise<void>;
  /** Closes the broker and opens one over the same data. */
  readonly restart: () => Promise<Broker>;
}

export type Breaking = (broker: Broker) => Broker;

export interface Rule {
  /** What the broker promises. */
  readonly title: string;
  /** Rejects when it does not keep it. */
  readonly check: (harness: Harness) => Promise<void>;
  /** A broker that breaks this promise, made of one that keeps it; `how` in a few words. */
  readonly broken: { readonly how: string; readonly breaking: Breaking };
}

type Ports = Omit<Broker, 'now' | 'failure' | 'forget' | typeof Symbol.asyncDispose>;

/** A broker with some methods of one port replaced. */
export const port =
  <Name extends keyof Ports>(name: Name, change: (port: Ports[Name]) => Partial<Ports[Name]>): Breaking =>
  (broker) => ({ ...broker, [name]: { ...broker[name], ...change(broker[name]) } });
