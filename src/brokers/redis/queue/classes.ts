import type { JobClass } from '../../../core/index.ts';

/** In strict order; scripts know a class by its place. */
export const JOB_CLASSES: readonly JobClass[] = ['final', 'partial', 'interactive', 'batch'];

export const placeOf = (jobClass: JobClass): number => JOB_CLASSES.indexOf(jobClass);

/** Some classes in strict order. */
export const sorted = (classes: readonly JobClass[]): readonly JobClass[] =>
  JOB_CLASSES.filter((name) => classes.includes(name));

/** A record of T a class. */
export const perClass = <T>(make: (jobClass: JobClass, place: number) => T): Record<JobClass, T> => ({
  final: make('final', 0),
  partial: make('partial', 1),
  interactive: make('interactive', 2),
  batch: make('batch', 3),
});
