import type { DecodeOptions, EngineResult, RetryReason, Segment } from '../../../core/index.ts';
import type { Precision } from '../graph/layers.ts';
import { crossTracks } from '../graph/memory-layout.ts';
import type { WhisperModel } from '../model/whisper-model.ts';
import type { Seat } from './batch.ts';
import { DecoderBatch } from './batch.ts';
import { createEncoder, type EncodeWindow } from './encoder.ts';
import type { RunGraph } from './run-graph.ts';
import { SegmentTask } from './segment-task.ts';
import type { Suppression } from './suppression.ts';

export interface SchedulerParts {
  readonly model: WhisperModel;
  readonly suppression: Suppression;
  readonly encoder: RunGraph;
  readonly decoder: RunGraph;
  /** Of the graphs. */
  readonly precision: Precision;
  /** Segments in the decode batch at once. */
  readonly groups: number;
  /** Milliseconds from any start; only differences are used. */
  readonly now: () => number;
  /** Lets messages in between steps. */
  readonly breathe: () => Promise<void>;
}

export interface SchedulerCounts {
  readonly segments: number;
  readonly encodeMs: number;
  readonly decodeMs: number;
  readonly steps: number;
  readonly rows: number;
  readonly retries: Readonly<Record<RetryReason, number>>;
}

/** One that gives way is kept waiting for so many steps at most: about a third of a second. */
const GIVE_WAY_STEPS = 32;

interface Job {
  readonly id: number;
  readonly task: SegmentTask;
  readonly resolve: (result: EngineResult) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The continuous batch: segments of any origin join when a place is free and their window is encoded, and leave when their text
 * is done. One loop runs while there is work; cancelling takes effect between two steps.
 */
export class Scheduler {
  readonly #parts: SchedulerParts;
  readonly #batch: DecoderBatch;
  readonly #encode: EncodeWindow;
  readonly #waiting: Job[] = [];
  readonly #seated = new Map<Seat, Job>();
  readonly #cancelled = new Set<number>();
  readonly #retries: Record<RetryReason, number> = { loop: 0, 'early-end': 0, 'low-probability': 0, repetition: 0 };
  #isRunning = false;
  /** Since one that gives way was last let in. */
  #stepsGivenWay = 0;
  #segments = 0;
  #encodeMs = 0;
  #decodeMs = 0;

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
    const { shape } = parts.model;
    const heard = crossTracks(shape, parts.precision);
    this.#encode = createEncoder(parts.encoder, heard);
    this.#batch = new DecoderBatch(parts.decoder, shape, heard, parts.groups);
  }

  /**
   * @param id to cancel it by; unique among those under way.
   * @throws ScriptoriumError `language-unsupported`; `cancelled` errors are the caller's own.
   */
  transcribe(id: number, segment: Segment, options: DecodeOptions): Promise<EngineResult> {
    const { model, suppression } = this.#parts;
    const task = new SegmentTask(model, suppression, segment, options);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ id, task, resolve, reject });
      if (!this.#isRunning) void this.#run();
    });
  }

  /** Forgets a segment at the next step; its promise is never settled. */
  cancel(id: number): void {
    this.#cancelled.add(id);
  }

  /** How far each segment in the batch is, in [0, 1], by its id: an estimate, which may fall. */
  progress(): (readonly [id: number, share: number])[] {
    return [...this.#seated.values()].map(({ id, task }) => [id, task.progress] as const);
  }

  counts(): SchedulerCounts {
    return {
      segments: this.#segments,
      encodeMs: this.#encodeMs,
      decodeMs: this.#decodeMs,
      steps: this.#batch.steps,
      rows: this.#batch.rows,
      retries: this.#retries,
    };
  }

  async #run(): Promise<void> {
    const { breathe, now } = this.#parts;
    this.#isRunning = true;
    try {
      await breathe();
      while (this.#waiting.length > 0 || this.#seated.size > 0) {
        this.#dropCancelled();
        for (let job = this.#nextJob(); job !== undefined; job = this.#nextJob()) {
          await this.#admit(job);
          await breathe();
        }
        this.#stepsGivenWay++;
        const start = now();
        await this.#batch.step();
        this.#decodeMs += now() - start;
        this.#collect();
        await breathe();
      }
    } catch (error) {
      // A step serves every seat, so its failure is everybody's.
      for (const job of [...this.#seated.values(), ...this.#waiting.splice(0)]) job.reject(error);
      for (const seat of this.#seated.keys()) this.#batch.leave(seat);
      this.#seated.clear();
    } finally {
      this.#isRunning = false;
    }
  }

  #dropCancelled(): void {
    if (this.#cancelled.size === 0) return;
    for (const [seat, job] of this.#seated) {
      if (!this.#cancelled.has(job.id)) continue;
      this.#batch.leave(seat);
      this.#seated.delete(seat);
    }
    const kept = this.#waiting.filter((job) => !this.#cancelled.has(job.id));
    this.#waiting.splice(0, this.#waiting.length, ...kept);
    this.#cancelled.clear();
  }

  /** The first that waits, those that give way last, if the batch has a place for it. */
  #nextJob(): Job | undefined {
    const index = Math.max(
      0,
      this.#waiting.findIndex(({ task }) => !task.givesWay),
    );
    const job = this.#waiting[index];
    if (job === undefined || this.#batch.isFull(job.task.rows) || this.#givesWay(job)) return undefined;
    if (job.task.givesWay) this.#stepsGivenWay = 0;
    this.#waiting.splice(index, 1);
    return job;
  }

  /** To encode a window takes as long as many steps: those that give way wait for the others to end, but not for ever. */
  #givesWay({ task }: Job): boolean {
    if (!task.givesWay || this.#stepsGivenWay >= GIVE_WAY_STEPS) return false;
    for (const other of this.#seated.values()) if (!other.task.givesWay) return true;
    return false;
  }

  async #admit(job: Job): Promise<void> {
    const { now } = this.#parts;
    const start = now();
    const window = await this.#encode(job.task.window);
    this.#encodeMs += now() - start;
    this.#seated.set(this.#batch.join(job.task.begin(), window, job.task.rows), job);
  }

  /** Moves on every task whose decode is finished. */
  #collect(): void {
    for (const [seat, job] of this.#seated) {
      if (seat.decode.plan() !== undefined) continue;
      this.#seated.delete(seat);
      const next = job.task.next();
      if (next === 'encode' || next === 'done') {
        this.#batch.leave(seat);
        if (next === 'encode') this.#waiting.unshift(job);
        else this.#finish(job);
      } else {
        this.#seated.set(this.#batch.replace(seat, next), job);
      }
    }
  }

  #finish(job: Job): void {
    const result = job.task.result();
    this.#segments++;
    for (const reason of result.retries) this.#retries[reason]++;
    job.resolve(result);
  }
}
