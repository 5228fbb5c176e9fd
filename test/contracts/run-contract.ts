import { afterAll, describe, expect, test } from 'vitest';
import type { Broker } from '../../src/core/index.ts';
import type { Breaking, ContractBounds, Harness, Rule } from './contract.ts';

/** A place for one broker's data: opened any number of times, one after the other. */
export interface BrokerPlace {
  readonly open: () => Promise<Broker>;
  readonly pass: (time: number) => Promise<void>;
  readonly remove: () => Promise<void>;
}

export interface BrokerUnderTest {
  readonly name: string;
  readonly bounds: ContractBounds;
  readonly place: () => Promise<BrokerPlace>;
}

/** Runs one rule on a broker of its own, or on one that is broken. */
async function check(
  rule: Rule,
  { bounds, place }: BrokerUnderTest,
  breaking: Breaking = (broker) => broker,
): Promise<void> {
  const data = await place();
  let broker = breaking(await data.open());
  const harness: Harness = {
    bounds,
    broker: () => broker,
    pass: data.pass,
    async restart() {
      await broker[Symbol.asyncDispose]();
      broker = breaking(await data.open());
      return broker;
    },
  };
  try {
    await rule.check(harness);
  } finally {
    await broker[Symbol.asyncDispose]();
    await data.remove();
  }
}

const titled = (rules: readonly Rule[]) => rules.map((rule) => [rule.title, rule] as const);

/** Holds a broker to the rules. */
export function describeContract(rules: readonly Rule[], subject: BrokerUnderTest): void {
  describe(`${subject.name} keeps every promise of a broker`, () => {
    test.each(titled(rules))('%s', async (_, rule) => {
      await expect(check(rule, subject)).resolves.toBeUndefined();
    });
  });
}

/** Holds the rules to their purpose: each must catch a broker that breaks it. Prints which was caught by what. */
export function describeRules(rules: readonly Rule[], subject: BrokerUnderTest): void {
  const caught: string[] = [];
  describe('every rule catches a broker that breaks it', () => {
    test.each(titled(rules))('%s', async (_, rule) => {
      const failure = await check(rule, subject, rule.broken.breaking).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(failure, `not caught: ${rule.broken.how}`).toBeDefined();
      const [line = ''] = String(failure instanceof Error ? failure.message : failure).split('\n');
      caught.push(`${rule.title}\n    broken: ${rule.broken.how}\n    caught: ${line.slice(0, 120)}`);
    });
    test('no two rules promise the same', () => {
      expect(new Set(rules.map(({ title }) => title)).size).toBe(rules.length);
    });
    afterAll(() => {
      process.stdout.write(
        `\n${caught.length} rules, each with a broken broker that it caught\n\n${caught.join('\n')}\n\n`,
      );
    });
  });
}
