import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { TOP } from '../graph/decoder-graph.ts';
import type { WhisperShape } from '../model/whisper-model.ts';
import { pastTracks, type Track } from '../graph/memory-layout.ts';
import type { EncodedWindow } from './encoder.ts';
import { GroupMemory } from './group-memory.ts';
import type { Candidates, Decode, StepPlan } from './plan.ts';
import type { RunGraph } from './run-graph.ts';
import { stepInputs } from './step-inputs.ts';
import { stepOutputs, type StepOutputs } from './step-outputs.ts';

/** A place in the batch. */
export interface Seat {
  readonly decode: Decode;
  /** Length of its window. */
  readonly positions: number;
  /** Hypotheses that it keeps at most. */
  readonly rows: number;
  /** Index of its group now; the last seat moves to where another leaves. */
  group: number;
}

interface Work {
  readonly seat: Seat;
  readonly plan: StepPlan;
}

/** Cells of a group at first, and the step by which they grow. */
const CELL_STEP = 64;
/** Window lengths of one batch are rounded up to this, so that few changes of shape are needed. */
const POSITION_STEP = 64;
/** Plans of more rows than this run alone: padding the others to them would cost more than it saves. */
const SHARED_ROWS = 12;
/** Rows of all groups in one step: past this a step grows as fast as its rows. */
const MAX_ROWS = 40;

const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step;

/**
 * The decoder's memory and its steps: any number of groups up to `capacity`, joined and left between steps. Keys and values of
 * all groups lie in one tensor a layer, as the graph wants them, so joining costs a copy and a step costs none.
 */
export class DecoderBatch {
  readonly #decoder: RunGraph;
  readonly #capacity: number;
  readonly #state: number;
  readonly #layers: number;
  readonly #seats: Seat[] = [];
  readonly #past: GroupMemory;
  readonly #cross: GroupMemory;
  readonly #outputs: ReturnType<typeof stepOutputs>;
  #steps = 0;
  #rows = 0;

  /** @param decoder runs the decoder graph. @param heard tracks that windows come with. */
  constructor(decoder: RunGraph, shape: WhisperShape, heard: readonly Track[], capacity: number) {
    this.#decoder = decoder;
    this.#capacity = capacity;
    this.#state = shape.textState;
    this.#layers = shape.textLayers;
    this.#past = new GroupMemory(
      pastTracks(shape),
      capacity,
      CELL_STEP,
      roundUp(shape.textContext * MAX_ROWS, CELL_STEP),
    );
    this.#outputs = stepOutputs(2 * this.#layers * this.#state);
    this.#cross = new GroupMemory(heard, capacity, POSITION_STEP, roundUp(shape.audioContext, POSITION_STEP));
  }

  /** Steps run so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Rows in all of them: over `steps`, the mean batch. */
  get rows(): number {
    return this.#rows;
  }

  /** Whether a decode of so many rows a step has no place now. */
  isFull(rows: number): boolean {
    if (this.#seats.length === 0) return false;
    const taken = this.#seats.reduce((sum, seat) => sum + seat.rows, 0);
    return this.#seats.length >= this.#capacity || taken + rows > MAX_ROWS;
  }

  /** @param window copied. */
  join(decode: Decode, window: EncodedWindow, rows: number): Seat {
    const seat: Seat = { decode, positions: window.positions, rows, group: this.#seats.length };
    this.#seats.push(seat);
    const needed = roundUp(window.positions, POSITION_STEP);
    // Longer windows make room at once; shorter ones only when nobody else listens, since it costs a copy of all.
    if (needed > this.#cross.length) this.#cross.resize(needed, seat.group);
    else if (this.#seats.length === 1 && needed < this.#cross.length) this.#cross.resize(needed, 0);
    this.#listen(seat, window);
    return seat;
  }

  /** Another decode of the same window in the same place. */
  replace(seat: Seat, decode: Decode): Seat {
    const next: Seat = { ...seat, decode };
    this.#seats[seat.group] = next;
    return next;
  }

  leave(seat: Seat): void {
    const last = this.#seats.pop();
    if (last === undefined || last === seat) return;
    this.#seats[seat.group] = last;
    this.#past.move(last.group, seat.group);
    this.#cross.move(last.group, seat.group);
    last.group = seat.group;
  }

  /** Copies what a window comes with to where its group stands. */
  #listen({ group }: Seat, { positions, tracks }: EncodedWindow): void {
    tracks.forEach((data, index) => this.#cross.fill(index, group, data, positions));
  }

  /** One step for every seat that has work; long prompts run by themselves. */
  async step(): Promise<void> {
    const planned = this.#seats.flatMap((seat): Work[] => {
      const plan = seat.decode.plan();
      return plan === undefined ? [] : [{ seat, plan }];
    });
    const isLong = ({ plan }: Work): boolean => plan.rows.length > SHARED_ROWS;
    for (const work of planned.filter(isLong)) await this.#run([work]);
    const shared = planned.filter((work) => !isLong(work));
    if (shared.length > 0) await this.#run(shared);
  }

  async #run(work: readonly Work[]): Promise<void> {
    const cells = Math.max(...work.flatMap(({ plan }) => plan.rows.map((row) => row.cell + 1)));
    if (cells > this.#past.length) this.#past.resize(roundUp(cells, CELL_STEP), this.#seats.length);
    const rows = work.reduce((sum, { plan }) => sum + plan.rows.length, 0);
    const scored = work.reduce((sum, { plan }) => sum + plan.scored.length, 0);
    const extras = (['logits', 'attention'] as const).filter((name) => work.some(({ plan }) => plan[name]));
    const made = this.#outputs(rows, scored, extras);
    const outputs = await this.#decoder(this.#inputs(work), made.fetches);
    this.#steps++;
    this.#rows += rows;
    this.#store(work, made.cells);
    deliver(work, made, outputs);
  }

  #inputs(work: readonly Work[]): Record<string, Tensor> {
    const groups = work.map(({ seat }) => seat.group);
    const first = Math.min(...groups);
    const size = {
      first,
      groups: Math.max(...groups) - first + 1,
      cells: this.#past.length,
      positions: this.#cross.length,
    };
    const plans = work.map(({ seat, plan }) => ({ group: seat.group, plan, positions: seat.positions }));
    return {
      ...stepInputs(plans, size),
      ...this.#past.tensors(first, size.groups),
      ...this.#cross.tensors(first, size.groups),
    };
  }

  /** Puts each row's new keys and values into its cell. */
  #store(work: readonly Work[], cells: Float32Array): void {
    let from = 0;
    for (const { seat, plan } of work) {
      for (const { cell } of plan.rows) {
        for (let track = 0; track < 2 * this.#layers; track++, from += this.#state) {
          this.#past.store(track, seat.group, cell, cells, from);
        }
      }
    }
  }
}

/** Hands each decode its part of the outputs, in the order of the plans. */
function deliver(
  work: readonly Work[],
  { tokens, logprobs }: Pick<StepOutputs, 'tokens' | 'logprobs'>,
  outputs: InferenceSession.ReturnType,
): void {
  const logits = floats(outputs, 'logits');
  const attention = floats(outputs, 'attention');
  const logitWidth = (logits.length * TOP) / logprobs.length;
  const width = attention.length / work.reduce((sum, { plan }) => sum + (plan.attention ? plan.rows.length : 0), 0);
  let scored = 0;
  let watched = 0;
  for (const { seat, plan } of work) {
    const best: Candidates[] = [];
    const rows: Float32Array[] = [];
    for (let i = 0; i < plan.scored.length; i++, scored++) {
      best.push({
        tokens: Array.from(tokens.subarray(scored * TOP, (scored + 1) * TOP), Number),
        logprobs: logprobs.slice(scored * TOP, (scored + 1) * TOP),
      });
      if (plan.logits) rows.push(logits.slice(scored * logitWidth, (scored + 1) * logitWidth));
    }
    const watchedRows: Float32Array[] = [];
    for (let i = 0; plan.attention && i < plan.rows.length; i++, watched++) {
      watchedRows.push(attention.subarray(watched * width, (watched + 1) * width));
    }
    seat.decode.accept({ best, logits: rows, attention: watchedRows });
  }
}

function floats(outputs: InferenceSession.ReturnType, name: string): Float32Array {
  const data = outputs[name]?.data;
  return data instanceof Float32Array ? data : new Float32Array(0);
}
