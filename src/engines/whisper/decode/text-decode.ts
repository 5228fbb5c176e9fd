import type { SpecialTokens } from '../tokenizer/tokenizer.ts';
import { loopPeriod } from './guards.ts';
import { expectedNext, guessedRows } from './guessed-rows.ts';
import type { AttentionRows, Hypothesis } from './hypothesis.ts';
import { extend } from './hypothesis.ts';
import type { LogitRules } from './logits.ts';
import { applyRules, draw, topCandidates } from './logits.ts';
import type { Candidates, Decode, PlannedRow, StepPlan, StepResult } from './plan.ts';
import { languageOf, silenceOf } from './prompt-scores.ts';
import type { Frontier, SearchRules } from './search.ts';
import { advance, bestOf, isSettled } from './search.ts';

export interface TextDecodeOptions {
  /** Tokens before the start of the transcript: the earlier text, or none. */
  readonly previous: readonly number[];
  /** The language's token; `auto` to choose by the model's first word; undefined for English-only models. */
  readonly language: number | 'auto' | undefined;
  readonly task: number | undefined;
  readonly search: SearchRules;
  /** 0 searches; above it `beamSize` texts are drawn and the likeliest is kept. */
  readonly temperature: number;
  readonly logits: LogitRules;
  /** Tokens that the graph suppressed, for the probability of silence. */
  readonly suppressed: readonly number[];
  /** What the text begins with, whatever is heard: run through the decoder with the prompt, and certain. */
  readonly prefix: readonly number[];
  /** What probably follows: where it is right, many tokens take one step. Only greedy search heeds it, and its text is the same without. */
  readonly guess: readonly number[];
  /** No text may be longer, in tokens. */
  readonly tokenLimit: number;
  /** Whether to keep where each token listens. */
  readonly listening: boolean;
  /** Draws from [0, 1). */
  readonly random: () => number;
}

export interface TextOutcome {
  readonly hypothesis: Hypothesis;
  /** Whether it went round in circles or ran on without an end. */
  readonly looped: boolean;
  readonly noSpeechProbability: number;
  readonly language: number | undefined;
  readonly languageProbability: number;
  /** Tokens that were guessed, and so took no step of their own. */
  readonly guessed: number;
}

/**
 * Decodes the text of one segment: `prompt` (all its tokens in one step; two when the language is to be found) → `search`
 * (one token a live hypothesis and step, or as many as were guessed right) → `done`. Pure of I/O: whoever owns the batch runs what
 * `plan` asks for. Guesses are verified as in speculative decoding (Leviathan et al. 2023, https://arxiv.org/abs/2211.17192).
 */
export class TextDecode implements Decode {
  readonly #options: TextDecodeOptions;
  readonly #special: SpecialTokens;
  #phase: 'language' | 'prompt' | 'search' | 'done';
  #promptCells: number[] = [];
  /** Of the last instruction and the prefix behind it. */
  #promptAttention: AttentionRows = [];
  #frontier: Frontier = { live: [], ended: [] };
  #planned: readonly PlannedRow[] = [];
  /** Rows at the end of `#planned` that are guesses. */
  #ahead = 0;
  #guessed = 0;
  #language: number | undefined;
  #languageProbability = 1;
  #noSpeech = 0;
  #looped = false;

  constructor(options: TextDecodeOptions) {
    this.#options = options;
    this.#special = options.logits.special;
    this.#phase = options.language === 'auto' ? 'language' : 'prompt';
    this.#language = options.language === 'auto' ? undefined : options.language;
  }

  /** Whether every score can come from the graph's own short list. */
  get #plain(): boolean {
    const { temperature, logits } = this.#options;
    return temperature === 0 && !logits.timestamps && logits.restored.length === 0;
  }

  plan(): StepPlan | undefined {
    switch (this.#phase) {
      case 'language': {
        const tokens = [...this.#options.previous, this.#special.startOfTranscript];
        return this.#promptPlan(tokens, [tokens.length - 1]);
      }
      case 'prompt': {
        const known = this.#promptCells.length > 0;
        const head = known ? [] : [...this.#options.previous, this.#special.startOfTranscript];
        const tokens = [...head, ...this.#instructions(), ...this.#options.prefix];
        const scored = known ? [tokens.length - 1] : [head.length - 1, tokens.length - 1];
        return this.#promptPlan(tokens, scored);
      }
      case 'search':
        return this.#searchPlan();
      case 'done':
        return undefined;
    }
  }

  #instructions(): number[] {
    const { task, logits } = this.#options;
    const tokens = [this.#language, task].filter((token) => token !== undefined);
    return logits.timestamps ? tokens : [...tokens, this.#special.noTimestamps];
  }

  #promptPlan(tokens: readonly number[], scored: readonly number[]): StepPlan {
    const first = this.#promptCells.length;
    this.#planned = tokens.map((token, i) => ({
      token,
      position: first + i,
      cells: this.#promptCells,
      sees: Array.from({ length: i + 1 }, (_, j) => j),
      cell: first + i,
    }));
    return { rows: this.#planned, scored, logits: true, attention: this.#options.listening };
  }

  #searchPlan(): StepPlan {
    const used = new Set(this.#frontier.live.flatMap((hypothesis) => hypothesis.cells));
    let free = this.#promptCells.length;
    const nextCell = (): number => {
      while (used.has(free)) free++;
      return free++;
    };
    const live = this.#frontier.live.map((hypothesis, i): PlannedRow => {
      const grown = hypothesis.tokens.length - this.#options.prefix.length;
      const position = this.#promptCells.length + grown - 1;
      return { token: hypothesis.tokens.at(-1) ?? 0, position, cells: hypothesis.cells, sees: [i], cell: nextCell() };
    });
    const [first] = live;
    const ahead = first === undefined ? [] : guessedRows(first, this.#expected(), nextCell);
    this.#ahead = ahead.length;
    this.#planned = [...live, ...ahead];
    return {
      rows: this.#planned,
      scored: this.#planned.map((_, i) => i),
      logits: !this.#plain,
      attention: this.#options.listening,
    };
  }

  #expected(): readonly number[] {
    const { guess, prefix, search, tokenLimit } = this.#options;
    const [only] = this.#frontier.live;
    if (guess.length === 0 || only === undefined || search.beamSize > 1 || !this.#plain) return [];
    return expectedNext(guess, only.tokens.slice(prefix.length), tokenLimit - only.tokens.length);
  }

  accept(result: StepResult): void {
    if (this.#phase === 'language') {
      this.#promptCells = this.#planned.map((row) => row.cell);
      this.#hearSilence(result.logits[0]);
      this.#hearLanguage(result.logits[0]);
      this.#phase = 'prompt';
    } else if (this.#phase === 'prompt') {
      if (this.#promptCells.length === 0) this.#hearSilence(result.logits[0]);
      this.#promptCells = [...this.#promptCells, ...this.#planned.map((row) => row.cell)];
      this.#promptAttention = result.attention.slice(-1 - this.#options.prefix.length);
      this.#begin(result.logits.at(-1));
      this.#phase = 'search';
      this.#settle();
    } else {
      this.#grow(result, 0);
      this.#settle();
      for (let row = 1; row <= this.#ahead && this.#phase === 'search' && this.#reads(row); row++) {
        this.#guessed++;
        this.#grow(result, row);
        this.#settle();
      }
    }
  }

  /** Whether the text goes on as a row guessed. */
  #reads(row: number): boolean {
    return this.#frontier.live[0]?.tokens.at(-1) === this.#planned[row]?.token;
  }

  #hearSilence(row: Float32Array | undefined): void {
    if (row !== undefined) this.#noSpeech = silenceOf(row, this.#options.logits, this.#options.suppressed);
  }

  #hearLanguage(row: Float32Array | undefined): void {
    if (row === undefined) return;
    const { token, probability } = languageOf(row, this.#special, this.#options.suppressed);
    this.#language = token;
    this.#languageProbability = probability;
  }

  /** The first tokens: one live hypothesis each. */
  #begin(row: Float32Array | undefined): void {
    if (row === undefined) return;
    const { temperature, search, prefix } = this.#options;
    const root: Hypothesis = {
      tokens: prefix,
      logprobs: prefix.map(() => 0),
      total: 0,
      cells: this.#promptCells,
      attention: this.#promptAttention,
    };
    if (temperature > 0) {
      applyRules(row, prefix, this.#options.logits);
      const copies = Array.from({ length: search.beamSize }, () => root);
      this.#frontier = this.#sample(
        { live: copies, ended: [] },
        copies.map(() => row),
      );
    } else {
      this.#frontier = advance({ live: [root], ended: [] }, [this.#judge(row, root)], search);
    }
  }

  /** @param at the row of the first live hypothesis. */
  #grow(result: StepResult, at: number): void {
    const live = this.#frontier.live.map((hypothesis, i) => ({
      ...hypothesis,
      cells: [...hypothesis.cells, this.#planned[at + i]?.cell ?? 0],
      attention: [...hypothesis.attention, ...result.attention.slice(at + i, at + i + 1)],
    }));
    const frontier = { live, ended: this.#frontier.ended };
    if (this.#plain) {
      this.#frontier = advance(frontier, result.best.slice(at), this.#options.search);
      return;
    }
    if (this.#options.temperature > 0) {
      live.forEach((hypothesis, i) => {
        const row = result.logits[i];
        if (row !== undefined) applyRules(row, hypothesis.tokens, this.#options.logits);
      });
      this.#frontier = this.#sample(frontier, result.logits);
    } else {
      const judged = live.map((hypothesis, i) => this.#judge(result.logits[i], hypothesis));
      this.#frontier = advance(frontier, judged, this.#options.search);
    }
  }

  #judge(row: Float32Array | undefined, hypothesis: Hypothesis): Candidates {
    if (row === undefined) return { tokens: [], logprobs: [] };
    applyRules(row, hypothesis.tokens, this.#options.logits);
    return topCandidates(row, this.#options.logits.vocabulary);
  }

  #sample(frontier: Frontier, rows: readonly Float32Array[]): Frontier {
    const { temperature, random, logits } = this.#options;
    const live: Hypothesis[] = [];
    const ended = [...frontier.ended];
    frontier.live.forEach((hypothesis, i) => {
      const row = rows[i];
      if (row === undefined) return;
      const { tokens, logprobs } = draw(row, logits.vocabulary, temperature, random());
      const token = tokens[0] ?? this.#special.endOfText;
      const logprob = logprobs[0] ?? -Infinity;
      if (token === this.#special.endOfText) {
        ended.push({ ...hypothesis, logprobs: [...hypothesis.logprobs, logprob], total: hypothesis.total + logprob });
      } else {
        live.push(extend(hypothesis, token, logprob));
      }
    });
    return { live, ended };
  }

  #settle(): void {
    const { search, tokenLimit } = this.#options;
    if (isSettled(this.#frontier, search)) {
      this.#phase = 'done';
      return;
    }
    const leaders = this.#frontier.live.slice(0, 2);
    const circling = leaders.every(({ tokens }) => loopPeriod(tokens.filter((t) => t < this.#special.endOfText)) > 0);
    const longest = Math.max(...this.#frontier.live.map(({ tokens }) => tokens.length));
    if (circling || longest >= tokenLimit) {
      this.#looped = this.#frontier.ended.length === 0;
      this.#phase = 'done';
    }
  }

  /** Tokens of the longest text so far. */
  get length(): number {
    return Math.max(0, ...[...this.#frontier.live, ...this.#frontier.ended].map(({ tokens }) => tokens.length));
  }

  /** What came of it; only when `plan` has nothing more to ask. */
  outcome(): TextOutcome {
    const empty: Hypothesis = { tokens: [], logprobs: [], total: -Infinity, cells: [], attention: [] };
    const hypothesis = bestOf(this.#frontier, this.#options.search.lengthPenalty) ?? empty;
    const text = hypothesis.tokens.filter((token) => token < this.#special.endOfText);
    return {
      hypothesis,
      looped: this.#looped || loopPeriod(text) > 0,
      noSpeechProbability: this.#noSpeech,
      language: this.#language,
      languageProbability: this.#languageProbability,
      guessed: this.#guessed,
    };
  }
}
