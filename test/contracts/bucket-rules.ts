import { expect } from 'vitest';
import { millis, type Spend } from '../../src/core/index.ts';
import type { Rule } from './contract.ts';
import { port } from './contract.ts';

const MINUTE = millis(60_000);
const spend = (key: string, amount: number, most = 60): Spend => ({ key, amount, most, period: MINUTE });
const rounded = (levels: readonly number[]): number[] => levels.map((level) => Math.round(level * 1000) / 1000);

/** What the limits of keys have left. */
export const bucketRules: readonly Rule[] = [
  {
    title: 'gives a bucket that is full at first, and fills evenly as far as it goes',
    async check({ broker, pass }) {
      const { buckets } = broker();
      expect(rounded(await buckets.spend([spend('a', 0), spend('b', 90)]))).toEqual([60, -30]);
      await pass(30_000);
      expect(rounded(await buckets.spend([spend('b', 0)]))).toEqual([0]);
      await pass(10_000);
      expect(rounded(await buckets.spend([spend('b', 1)]))).toEqual([9]);
      await pass(600_000);
      expect(rounded(await buckets.spend([spend('b', 1), spend('a', 0)]))).toEqual([59, 60]);
    },
    broken: {
      how: 'never fills',
      breaking: port('buckets', () => {
        const used = new Map<string, number>();
        return {
          spend: async (spends) =>
            spends.map(({ key, amount, most }) => {
              used.set(key, (used.get(key) ?? 0) + amount);
              return most - (used.get(key) ?? 0);
            }),
        };
      }),
    },
  },
  {
    title: 'counts what all who ask have used of one bucket, and nothing of another',
    async check({ broker }) {
      const { buckets } = broker();
      await Promise.all(Array.from({ length: 20 }, () => buckets.spend([spend('a', 2), spend('b', 1)])));
      expect(rounded(await buckets.spend([spend('a', 0), spend('b', 0), spend('c', 0)]))).toEqual([20, 40, 60]);
      const many = Array.from({ length: 1201 }, (_, index) => spend(`many-${index}`, index, 2000));
      expect(rounded(await buckets.spend(many))).toEqual(many.map(({ amount }) => 2000 - amount));
    },
    broken: {
      how: 'has one bucket',
      breaking: port('buckets', (buckets) => ({
        spend: (spends) => buckets.spend(spends.map((one) => ({ ...one, key: 'a' }))),
      })),
    },
  },
];
