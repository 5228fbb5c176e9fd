import * as ort from 'onnxruntime-node';
import type { WhisperShape } from '../model/whisper-model.ts';
import type { Candidates, Decode, PlannedRow, StepPlan, StepResult } from './plan.ts';
import { TOP } from '../graph/decoder-graph.ts';

/** What the encoder made of one window: keys and values a decoder layer, each `[heads, positions, 64]`. */
export interface EncodedWindow {
  readonly positions: number;
  readonly keys: readonly Float32Array[];
  readonly values: readonly Float32Array[];
}

/** A place in the batch. */
export interface Seat {
  readonly decode: Decode;
  readonly window: EncodedWindow;
  /** Hypotheses that it keeps at most. */
  readonly rows: number;
  /** Index of its group now; seats move up when one before them leaves. */
  group: number;
}

const HIDDEN = -1e9;
/** Cells of a group at first, and the step by which they grow. */
const CELL_STEP = 64;
/** Window lengths of one batch are rounded up to this, so that few changes of shape are needed. */
const POSITION_STEP = 64;
/** Plans of more rows than this run alone: padding the others to them would cost more than it saves. */
const SHARED_ROWS = 12;
/** Rows of all groups in one step: past this a step grows as fast as its rows. */
const MAX_ROWS = 40;

/**
 * The decoder's memory and its steps: any number of groups up to `capacity`, joined and left between steps. Keys and values of
 * all groups lie in one tensor a layer, as the graph wants them, so joining costs a copy and a step costs none.
 */
export class DecoderBatch {
  readonly #session: ort.InferenceSession;
  readonly #shape: WhisperShape;
  readonly #capacity: number;
  readonly #seats: Seat[] = [];
  readonly #width: number;
  #cells = CELL_STEP;
  #positions = 0;
  #past: Float32Array[] = [];
  #cross: Float32Array[] = [];
  /** Steps run and rows in them, for the mean batch. */
  steps = 0;
  rows = 0;

  constructor(session: ort.InferenceSession, shape: WhisperShape, capacity: number) {
    this.#session = session;
    this.#shape = shape;
    this.#capacity = capacity;
    this.#width = shape.textState / shape.textHeads;
    this.#past = this.#allocate(this.#cells);
  }

  get size(): number {
    return this.#seats.length;
  }

  /** Whether a decode of so many rows a step has no place now. */
  isFull(rows: number): boolean {
    if (this.#seats.length === 0) return false;
    const taken = this.#seats.reduce((sum, seat) => sum + seat.rows, 0);
    return this.#seats.length >= this.#capacity || taken + rows > MAX_ROWS;
  }

  #allocate(length: number): Float32Array[] {
    const floats = this.#capacity * this.#shape.textHeads * length * this.#width;
    return Array.from({ length: this.#shape.textLayers * 2 }, () => new Float32Array(floats));
  }

  join(decode: Decode, window: EncodedWindow, rows: number): Seat {
    const seat: Seat = { decode, window, rows, group: this.#seats.length };
    this.#seats.push(seat);
    if (window.positions > this.#positions || this.#seats.length === 1) {
      const positions = Math.ceil(window.positions / POSITION_STEP) * POSITION_STEP;
      if (positions !== this.#positions) {
        this.#positions = positions;
        this.#cross = this.#allocate(positions);
        for (const other of this.#seats) this.#listen(other);
        return seat;
      }
    }
    this.#listen(seat);
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
    this.#move(this.#past, this.#cells, last.group, seat.group);
    last.group = seat.group;
    this.#listen(last);
  }

  /** Copies a window's keys and values to where its group stands. */
  #listen(seat: Seat): void {
    const { textHeads: heads } = this.#shape;
    const { positions, keys, values } = seat.window;
    [...keys, ...values].forEach((source, index) => {
      const target = this.#cross[index];
      for (let head = 0; head < heads; head++) {
        const from = head * positions * this.#width;
        const to = (seat.group * heads + head) * this.#positions * this.#width;
        target?.set(source.subarray(from, from + positions * this.#width), to);
      }
    });
  }

  #move(buffers: readonly Float32Array[], length: number, from: number, to: number): void {
    const size = this.#shape.textHeads * length * this.#width;
    for (const buffer of buffers) buffer.copyWithin(to * size, from * size, (from + 1) * size);
  }

  #growCells(needed: number): void {
    if (needed <= this.#cells) return;
    const cells = Math.ceil(needed / CELL_STEP) * CELL_STEP;
    const grown = this.#allocate(cells);
    const groups = this.#seats.length * this.#shape.textHeads;
    this.#past.forEach((old, index) => {
      for (let group = 0; group < groups; group++) {
        const from = group * this.#cells * this.#width;
        grown[index]?.set(old.subarray(from, from + this.#cells * this.#width), group * cells * this.#width);
      }
    });
    this.#cells = cells;
    this.#past = grown;
  }

  /** One step for every seat that has work; long prompts run by themselves. */
  async step(): Promise<void> {
    const planned = this.#seats.flatMap((seat) => {
      const plan = seat.decode.plan();
      return plan === undefined ? [] : [{ seat, plan }];
    });
    const shared = planned.filter(({ plan }) => plan.rows.length <= SHARED_ROWS);
    const alone = planned.filter(({ plan }) => plan.rows.length > SHARED_ROWS);
    for (const one of alone) await this.#run([one]);
    if (shared.length > 0) await this.#run(shared);
  }

  async #run(work: readonly { readonly seat: Seat; readonly plan: StepPlan }[]): Promise<void> {
    const cells = work.flatMap(({ plan }) => plan.rows.map((row) => row.cell + 1));
    this.#growCells(Math.max(...cells));
    const feeds = this.#feeds(work);
    const wantLogits = work.some(({ plan }) => plan.logits);
    const wantAttention = work.some(({ plan }) => plan.attention);
    const fetches = ['top_tokens', 'top_logprobs', ...this.#newNames()];
    if (wantLogits) fetches.push('logits');
    if (wantAttention) fetches.push('attention');
    const outputs = await this.#session.run(feeds, fetches);
    this.steps++;
    this.#store(work, outputs);
    this.#deliver(work, outputs);
  }

  #newNames(): string[] {
    return Array.from({ length: this.#shape.textLayers }, (_, i) => [`new_key_${i}`, `new_value_${i}`]).flat();
  }

  #feeds(work: readonly { readonly seat: Seat; readonly plan: StepPlan }[]): Record<string, ort.Tensor> {
    // A run alone still names its group: the tensors are cut to it.
    const alone = work.length === 1 && work[0] !== undefined;
    const first = alone ? (work[0]?.seat.group ?? 0) : 0;
    const groups = alone ? 1 : Math.max(...work.map(({ seat }) => seat.group)) + 1;
    const wide = Math.max(...work.map(({ plan }) => plan.rows.length));
    const count = work.reduce((sum, { plan }) => sum + plan.rows.length, 0);
    this.rows += count;
    const tokens = new BigInt64Array(count);
    const positions = new BigInt64Array(count);
    const spread = new BigInt64Array(groups * wide);
    const gather = new BigInt64Array(count);
    const pastMask = new Float32Array(groups * wide * this.#cells).fill(HIDDEN);
    const newMask = new Float32Array(groups * wide * wide).fill(HIDDEN);
    const crossMask = new Float32Array(groups * this.#positions);
    const scored: number[] = [];
    const watched: number[] = [];
    let flat = 0;
    for (const { seat, plan } of work) {
      const group = seat.group - first;
      const base = flat;
      crossMask.fill(HIDDEN, group * this.#positions + seat.window.positions, (group + 1) * this.#positions);
      plan.rows.forEach((row, r) => {
        const place = group * wide + r;
        tokens[flat] = BigInt(row.token);
        positions[flat] = BigInt(row.position);
        spread[place] = BigInt(flat);
        gather[flat] = BigInt(place);
        for (const cell of row.cells) pastMask[place * this.#cells + cell] = 0;
        for (const other of row.sees) newMask[place * wide + other] = 0;
        if (plan.attention) watched.push(place);
        flat++;
      });
      for (const row of plan.scored) scored.push(base + row);
    }
    const { textHeads: heads, textLayers: layers } = this.#shape;
    const ints = (values: BigInt64Array): ort.Tensor => new ort.Tensor('int64', values, [values.length]);
    const feeds: Record<string, ort.Tensor> = {
      tokens: ints(tokens),
      positions: ints(positions),
      spread: ints(spread),
      gather: ints(gather),
      scored: ints(BigInt64Array.from(scored, BigInt)),
      watched: ints(BigInt64Array.from(watched, BigInt)),
      past_mask: new ort.Tensor('float32', pastMask, [groups, 1, wide, this.#cells]),
      new_mask: new ort.Tensor('float32', newMask, [groups, 1, wide, wide]),
      cross_mask: new ort.Tensor('float32', crossMask, [groups, 1, 1, this.#positions]),
    };
    const view = (buffer: Float32Array | undefined, length: number): ort.Tensor => {
      const size = heads * length * this.#width;
      const data = buffer?.subarray(first * size, (first + groups) * size) ?? new Float32Array(0);
      return new ort.Tensor('float32', data, [groups, heads, length, this.#width]);
    };
    for (let layer = 0; layer < layers; layer++) {
      feeds[`past_key_${layer}`] = view(this.#past[layer * 2], this.#cells);
      feeds[`past_value_${layer}`] = view(this.#past[layer * 2 + 1], this.#cells);
      feeds[`cross_key_${layer}`] = view(this.#cross[layer], this.#positions);
      feeds[`cross_value_${layer}`] = view(this.#cross[layers + layer], this.#positions);
    }
    return feeds;
  }

  /** Puts each row's new keys and values into its cell. */
  #store(
    work: readonly { readonly seat: Seat; readonly plan: StepPlan }[],
    outputs: ort.InferenceSession.ReturnType,
  ): void {
    const { textHeads: heads, textState: state } = this.#shape;
    this.#newNames().forEach((name, index) => {
      const source = floats(outputs, name);
      const target = this.#past[index];
      if (target === undefined) return;
      let flat = 0;
      for (const { seat, plan } of work) {
        for (const row of plan.rows) {
          this.#storeRow(source, flat * state, target, seat.group * heads, row);
          flat++;
        }
      }
    });
  }

  #storeRow(source: Float32Array, from: number, target: Float32Array, firstHead: number, row: PlannedRow): void {
    const width = this.#width;
    for (let head = 0; head < this.#shape.textHeads; head++) {
      const to = ((firstHead + head) * this.#cells + row.cell) * width;
      target.set(source.subarray(from + head * width, from + (head + 1) * width), to);
    }
  }

  #deliver(
    work: readonly { readonly seat: Seat; readonly plan: StepPlan }[],
    outputs: ort.InferenceSession.ReturnType,
  ): void {
    const tokens = outputs['top_tokens']?.data;
    const ids = tokens instanceof BigInt64Array ? tokens : new BigInt64Array(0);
    const logprobs = floats(outputs, 'top_logprobs');
    const logits = floats(outputs, 'logits');
    const attention = floats(outputs, 'attention');
    const scoredCount = logprobs.length / TOP;
    const logitWidth = scoredCount === 0 ? 0 : logits.length / scoredCount;
    const watchedCount = work.reduce((sum, { plan }) => sum + (plan.attention ? plan.rows.length : 0), 0);
    const mapWidth = watchedCount === 0 ? 0 : attention.length / watchedCount;
    let scored = 0;
    let watched = 0;
    for (const { seat, plan } of work) {
      const best: Candidates[] = [];
      const rows: Float32Array[] = [];
      for (let i = 0; i < plan.scored.length; i++, scored++) {
        best.push({
          tokens: Array.from(ids.subarray(scored * TOP, (scored + 1) * TOP), Number),
          logprobs: logprobs.subarray(scored * TOP, (scored + 1) * TOP),
        });
        if (plan.logits) rows.push(logits.slice(scored * logitWidth, (scored + 1) * logitWidth));
      }
      const result: StepResult = { best, logits: rows };
      if (!plan.attention) {
        seat.decode.accept(result);
        continue;
      }
      const size = plan.rows.length * mapWidth;
      seat.decode.accept({ ...result, attention: attention.slice(watched * mapWidth, watched * mapWidth + size) });
      watched += plan.rows.length;
    }
  }
}

function floats(outputs: ort.InferenceSession.ReturnType, name: string): Float32Array {
  const data = outputs[name]?.data;
  return data instanceof Float32Array ? data : new Float32Array(0);
}
