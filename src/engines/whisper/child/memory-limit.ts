/** How much memory an engine child may take, and what becomes of one that takes more. */
import { ScriptoriumError } from '../../../core/index.ts';

export interface MemoryLimit {
  /** Resident, of one child. */
  readonly bytes: number;
  /** Told of each child that took more, and again when it had to be killed after all. */
  readonly onOutgrown: (facts: Outgrown) => void;
}

/** `replaced`: after what it was doing. `killed`: at once, and what it was doing is lost. */
export interface Outgrown {
  readonly bytes: number;
  readonly end: 'replaced' | 'killed';
}

/** So many times the limit, a child is killed: by then the machine is in more danger than its work is worth. */
const FAR_ABOVE = 1.5;
const MIB = 2 ** 20;

/** What a child's size means for it. */
export function judgeMemory(bytes: number, limit: MemoryLimit | undefined): 'fine' | Outgrown['end'] {
  if (limit === undefined || bytes <= limit.bytes) return 'fine';
  return bytes > limit.bytes * FAR_ABOVE ? 'killed' : 'replaced';
}

/** Why a child is ended. @param isLoading the model alone takes so much: another process would be no better. */
export function tooLarge(bytes: number, limit: MemoryLimit, model: string, isLoading: boolean): ScriptoriumError {
  const mebibytes = (count: number): number => Math.round(count / MIB);
  const what = `the engine process took ${mebibytes(bytes)} MiB, more than the ${mebibytes(limit.bytes)} MiB that it may`;
  return isLoading
    ? new ScriptoriumError('engine-failed', `${what}, to load ${model}`)
    : new ScriptoriumError('engine-crashed', what);
}

/** While a child that took too much finishes what it was doing; `over` resolves when it has. */
export interface Farewell {
  readonly over: Promise<void>;
  readonly end: () => void;
}

export function farewell(): Farewell {
  let end = (): void => {};
  const over = new Promise<void>((resolve) => (end = resolve));
  return { over, end: () => end() };
}
