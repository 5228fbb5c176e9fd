import type {
  DecodedSpan,
  DecodeOptions,
  EngineResult,
  Millis,
  RetryReason,
  Segment,
  Word,
} from '../../../core/index.ts';
import { SAMPLE_RATE, millis } from '../../../core/index.ts';
import type { WhisperModel } from '../model/whisper-model.ts';
import { AlignmentDecode } from './alignment-decode.ts';
import { alignmentTokens, wordsOf } from './align-draft.ts';
import type { Attempt } from './attempt.ts';
import { POSITIONS_A_SECOND, planAttempts } from './attempt.ts';
import type { Draft } from './draft.ts';
import { leastBad, readDraft } from './draft.ts';
import { tokenLimit } from './guards.ts';
import type { Decode } from './plan.ts';
import { decodedShare } from './progress.ts';
import type { AttentionRows } from './hypothesis.ts';
import type { PromptTokens } from './prompt.ts';
import { promptTokens } from './prompt.ts';
import { seededRandom } from './random.ts';
import { readStamps } from './stamped-spans.ts';
import type { Suppression } from './suppression.ts';
import { TextDecode } from './text-decode.ts';

/** From here on earlier text is left out of the prompt (`whisper/transcribe.py`: reset above 0.5). */
const FORGETFUL_TEMPERATURE = 0.5;
/** Start of earlier text, start of transcript, language, task, no time stamps. */
const INSTRUCTION_TOKENS = 5;
/** Hypotheses this far behind the best, in log probability, are given up; those that end in so many of the same tokens are merged. */
const PRUNE_BEHIND = 1;
const MERGE_AFTER = 3;
/** A rest shorter than this after the last stamp is not decoded again, in milliseconds. */
const LEAST_REST_MS = 400;

/** A stretch of the segment that is done: all of it, but for time stamps that end early. */
interface Part {
  readonly draft: Draft;
  readonly spans: readonly DecodedSpan[];
  words: readonly Word[];
}

export interface WindowRequest {
  readonly pcm: Float32Array;
  readonly positions: number;
}

/**
 * The work on one segment, from attempt to attempt: `decode` a window → judge → the same window again, a wider one, or done;
 * then the words' times if they are wanted. It owns no memory of the batch; whoever runs it asks what it needs next.
 */
export class SegmentTask {
  readonly #model: WhisperModel;
  readonly #segment: Segment;
  readonly #options: DecodeOptions;
  readonly #prompt: PromptTokens;
  readonly #suppression: Suppression;
  readonly #random: () => number;
  readonly #retries: RetryReason[] = [];
  readonly #parts: Part[] = [];
  #guessed = 0;
  #offset = 0;
  #attempts: readonly Attempt[] = [];
  #attempt = 0;
  #drafts: Draft[] = [];
  #decode: TextDecode | AlignmentDecode | undefined;
  /** Where what the stamps left untold begins, in milliseconds from the window's start. */
  #resumeAt: number | undefined;

  /** @throws ScriptoriumError `language-unsupported` */
  constructor(model: WhisperModel, suppression: Suppression, segment: Segment, options: DecodeOptions) {
    this.#model = model;
    this.#segment = segment;
    this.#options = options;
    this.#suppression = suppression;
    this.#prompt = promptTokens(model, options);
    this.#random = seededRandom(options.seed);
    this.#open(0);
  }

  #open(offset: number): void {
    this.#offset = offset;
    this.#drafts = [];
    this.#attempt = 0;
    const { temperatures, once = false } = this.#options;
    const { audioContext } = this.#model.shape;
    const attempts = planAttempts(this.#seconds, temperatures, audioContext);
    this.#attempts = once ? attempts.slice(0, 1) : attempts;
  }

  get #seconds(): number {
    return (this.#segment.pcm.length - this.#offset) / SAMPLE_RATE;
  }

  get #speechSeconds(): number {
    const offset = this.#offset;
    return (
      this.#segment.speech.reduce((sum, { start, end }) => sum + Math.max(0, end - Math.max(start, offset)), 0) /
      SAMPLE_RATE
    );
  }

  /** Whether others go first. */
  get givesWay(): boolean {
    return this.#options.givesWay === true;
  }

  /** Hypotheses that it keeps at most: its rows in a step. */
  get rows(): number {
    return this.#options.beamSize;
  }

  /** The window that the next decode listens to. */
  get window(): WindowRequest {
    return { pcm: this.#segment.pcm.subarray(this.#offset), positions: this.#attempts[this.#attempt]?.positions ?? 1 };
  }

  /** Whether where its tokens listen as they are decoded is where their words are: as long as no other tokens are among them. */
  get #hearsWords(): boolean {
    const { words, timestamps } = this.#options;
    return words && !timestamps && this.#prompt.previous.length === 0 && this.#model.alignmentHeads.length > 0;
  }

  /** How far it is, in [0, 1): an estimate, which falls when a window is tried again. */
  get progress(): number {
    if (this.#decode === undefined) return 0;
    const tokens = this.#decode instanceof TextDecode ? this.#decode.length : Infinity;
    const { length } = this.#segment.pcm;
    return (this.#offset + (length - this.#offset) * decodedShare(tokens, this.#speechSeconds)) / length;
  }

  /** The decode to run next, on `window`. */
  begin(): Decode {
    const { special } = this.#model.tokenizer;
    const { beamSize, lengthPenalty, timestamps, suppressSymbols } = this.#options;
    const { temperature } = this.#attempts[this.#attempt] ?? { temperature: 0 };
    const { previous } = this.#prompt;
    const room = this.#model.shape.textContext - previous.length - INSTRUCTION_TOKENS;
    this.#decode = new TextDecode({
      ...this.#prompt,
      // Earlier text that led into a loop is forgotten, as OpenAI forgets it at high temperatures.
      previous: temperature >= FORGETFUL_TEMPERATURE ? [] : previous,
      search: {
        endOfText: special.endOfText,
        beamSize,
        lengthPenalty,
        pruneBehind: PRUNE_BEHIND,
        mergeAfter: MERGE_AFTER,
      },
      temperature,
      logits: {
        special,
        vocabulary: this.#model.shape.vocabulary,
        restored: [
          ...(timestamps ? this.#suppression.stamps : []),
          ...(suppressSymbols ? [] : this.#suppression.symbols),
        ],
        notFirst: this.#suppression.notFirst,
        timestamps,
        lastTimestamp: special.timestampBegin + Math.min(1500, Math.ceil(this.#seconds * POSITIONS_A_SECOND)),
      },
      suppressed: this.#suppression.all,
      prefix: this.#options.prefix ?? [],
      guess: this.#options.guess ?? [],
      listening: this.#hearsWords,
      tokenLimit: Math.min(Math.floor(this.#model.shape.textContext / 2), room, tokenLimit(this.#seconds)),
      random: this.#random,
    });
    return this.#decode;
  }

  /**
   * Takes in the finished decode.
   * @returns the next decode of the same window, `encode` when another window is needed, `done` when `result` is ready.
   */
  next(): Decode | 'encode' | 'done' {
    if (this.#decode instanceof AlignmentDecode) {
      this.#align(this.#decode.attention());
      return this.#continue();
    }
    const draft = this.#read();
    if (draft.verdict.retry === undefined || this.#isConfirmed(draft)) return this.#keep(draft);
    this.#retries.push(draft.verdict.retry);
    this.#drafts.push(draft);
    const before = this.#attempts[this.#attempt]?.positions;
    this.#attempt++;
    const attempt = this.#attempts[this.#attempt];
    if (attempt === undefined) {
      return this.#keep(leastBad(this.#drafts, this.#model.tokenizer, this.#speechSeconds, this.#options));
    }
    return attempt.positions === before ? this.begin() : 'encode';
  }

  /** A phrase that two windows both hear twice was said twice. */
  #isConfirmed(draft: Draft): boolean {
    const before = this.#drafts.at(-1);
    return before !== undefined && draft.echoes && before.echoes && !draft.looped && draft.text === before.text;
  }

  #read(): Draft {
    const outcome = this.#decode instanceof TextDecode ? this.#decode.outcome() : undefined;
    this.#guessed += outcome?.guessed ?? 0;
    const temperature = this.#attempts[this.#attempt]?.temperature ?? 0;
    return readDraft(outcome, temperature, this.#model.tokenizer, this.#speechSeconds, this.#options);
  }

  #keep(draft: Draft): Decode | 'encode' | 'done' {
    const kept = draft.verdict.silent ? { ...draft, tokens: [], probabilities: [], text: '' } : draft;
    const { spans, resumeAt } = this.#spans(kept);
    this.#resumeAt = resumeAt;
    this.#parts.push({ draft: kept, spans, words: [] });
    if (!this.#options.words || kept.text === '') return this.#continue();
    if (kept.attention.length > kept.tokens.length) {
      this.#align(kept.attention);
      return this.#continue();
    }
    this.#decode = new AlignmentDecode(alignmentTokens(this.#model, kept, this.#prompt.task));
    return this.#decode;
  }

  #continue(): 'encode' | 'done' {
    const resumeAt = this.#resumeAt;
    this.#resumeAt = undefined;
    const restMs = resumeAt === undefined ? 0 : this.#seconds * 1000 - resumeAt;
    if (resumeAt === undefined || resumeAt === 0 || restMs < LEAST_REST_MS) return 'done';
    this.#open(this.#offset + Math.round((resumeAt * SAMPLE_RATE) / 1000));
    return 'encode';
  }

  #spans(draft: Draft): { readonly spans: readonly DecodedSpan[]; readonly resumeAt: number | undefined } {
    const { tokenizer } = this.#model;
    const offset = (this.#offset * 1000) / SAMPLE_RATE;
    const duration = this.#seconds * 1000;
    if (!this.#options.timestamps) {
      const start = ((this.#segment.speech[0]?.start ?? 0) * 1000) / SAMPLE_RATE;
      const end = ((this.#segment.speech.at(-1)?.end ?? this.#segment.pcm.length) * 1000) / SAMPLE_RATE;
      const spans = draft.text === '' ? [] : [{ text: draft.text, start, end, tokens: draft.tokens }];
      return { spans, resumeAt: undefined };
    }
    const { spans, resumeAt } = readStamps(draft.tokens, tokenizer.special.timestampBegin, duration);
    return {
      spans: spans.map((span) => ({
        text: tokenizer.decode(span.tokens).trim(),
        start: offset + span.start,
        end: offset + span.end,
        tokens: span.tokens,
      })),
      resumeAt,
    };
  }

  #align(attention: AttentionRows): void {
    const part = this.#parts.at(-1);
    if (part === undefined) return;
    const audible = Math.ceil(this.#seconds * POSITIONS_A_SECOND);
    const words = wordsOf(this.#model, part.draft, attention, audible);
    const offset = (this.#offset * 1000) / SAMPLE_RATE;
    const limit = (this.#segment.pcm.length * 1000) / SAMPLE_RATE;
    const place = (time: number): Millis => millis(Math.min(limit, offset + time));
    part.words = words.map((word) => ({ ...word, start: place(word.start), end: place(word.end) }));
  }

  /** What came of the segment; only after `next` said `done`. */
  result(): EngineResult {
    const first = this.#parts[0]?.draft;
    const tokens = this.#parts.flatMap(({ draft }) => draft.tokens);
    const weight = this.#parts.reduce((sum, { draft }) => sum + draft.tokens.length + 1, 0);
    const mean = (pick: (draft: Draft) => number): number =>
      this.#parts.reduce((sum, { draft }) => sum + pick(draft) * (draft.tokens.length + 1), 0) / Math.max(1, weight);
    const result: EngineResult = {
      text: this.#parts
        .map(({ draft }) => draft.text)
        .filter((text) => text !== '')
        .join(' '),
      language: first?.language ?? 'en',
      languageProbability: first?.languageProbability ?? 1,
      tokens,
      spans: this.#parts.flatMap(({ spans }) => spans),
      avgLogprob: mean((draft) => draft.avgLogprob),
      noSpeechProbability: first?.noSpeechProbability ?? 0,
      compressionRatio: Math.max(0, ...this.#parts.map(({ draft }) => draft.verdict.compressionRatio)),
      temperature: Math.max(0, ...this.#parts.map(({ draft }) => draft.temperature)),
      retries: this.#retries,
      ...(this.#guessed === 0 ? {} : { guessed: this.#guessed }),
    };
    return this.#options.words ? { ...result, words: this.#parts.flatMap(({ words }) => words) } : result;
  }
}
