import type { DeadLetter, JobQueue } from '../../../core/index.ts';
import { millis } from '../../../core/index.ts';
import { textOf, textsOf } from '../link/reply.ts';
import { DEAD, REQUEUE } from '../scripts/dead.ts';
import { shardNumbers } from '../world.ts';
import type { World } from '../world.ts';
import type { ShardCalls } from './shard-calls.ts';

/** Texts of a letter in what `DEAD` answers. */
const TEXTS = 7;

function letterOf(texts: readonly string[]): { readonly number: number; readonly letter: DeadLetter } {
  const [number, id = '', session = '', tenant = '', reason = '', attempts, at] = texts;
  const letter = { id, session, tenant, reason, attempts: Number(attempts), at: millis(Number(at)) };
  return { number: Number(number), letter };
}

/** The part of a queue that is about jobs nobody will try again unless somebody asks. */
export function deadLetters(
  world: World,
  { call }: Pick<ShardCalls, 'call'>,
): Pick<JobQueue<unknown>, 'dead' | 'requeueDead'> {
  return {
    async dead(limit) {
      world.checkOpen();
      const answers = await Promise.all(shardNumbers(world).map((shard) => call(DEAD, shard, limit)));
      const letters = answers
        .map(textsOf)
        .flatMap((texts) =>
          Array.from({ length: texts.length / TEXTS }, (_, index) =>
            letterOf(texts.slice(index * TEXTS, (index + 1) * TEXTS)),
          ),
        );
      letters.sort((a, b) => b.number - a.number);
      return letters.slice(0, limit).map(({ letter }) => letter);
    },
    async requeueDead(id) {
      world.checkOpen();
      const answers = await Promise.all(shardNumbers(world).map((shard) => call(REQUEUE, shard, id)));
      return answers.some((answer) => textOf(answer) === '1');
    },
  };
}
