import type { JobClass } from '../../../core/index.ts';
import { LOW_EVERY } from '../../../core/index.ts';
import { JOB_CLASSES } from './job.ts';

/** In which order a claim looks into the classes. */
export interface Turns {
  /** @param classes those that the claim asks for. Only a claim that found something takes a turn: `done`. */
  order(classes: readonly JobClass[]): readonly JobClass[];
  done(classes: readonly JobClass[]): void;
}

/** Strict order, but for one turn in `LOW_EVERY` a lower class. Claims for the same classes share their turns. */
export function turns(): Turns {
  const taken = new Map<string, number>();
  const sorted = (classes: readonly JobClass[]): readonly JobClass[] =>
    JOB_CLASSES.filter((name) => classes.includes(name));
  return {
    order(classes) {
      const strict = sorted(classes);
      const turn = (taken.get(strict.join()) ?? 0) % LOW_EVERY;
      // Turns 2, 4 and 6 of eight: apart, so that no two low jobs follow each other while urgent ones wait.
      const first = turn % 2 === 0 && turn > 0 ? strict[turn / 2] : undefined;
      return first === undefined ? strict : [first, ...strict.filter((name) => name !== first)];
    },
    done(classes) {
      const key = sorted(classes).join();
      taken.set(key, ((taken.get(key) ?? 0) + 1) % LOW_EVERY);
    },
  };
}
