import type { LiveEvent } from '../../client/index.ts';
import { span } from '../terminal/durations.ts';

/** How soon words came, measured where they are read. */
export interface Latency {
  /** @param now of the same clock as `start`. */
  saw(event: LiveEvent, now: number): void;
  /** One line; `''` when there is nothing to tell. */
  line(): string;
}

interface Spoken {
  /** When the first sample was said; undefined while nothing was. */
  readonly start: () => number | undefined;
  /** Times real time; 0 has no clock to compare with. */
  readonly speed: number;
}

/** Kept of each figure: four hours of quick speech. */
const MAX_VALUES = 60_000;

export function measureLatency({ start, speed }: Spoken): Latency {
  const firsts: number[] = [];
  const settled: number[] = [];
  const finals: number[] = [];
  /** By segment: words that are settled already. */
  const known = new Map<number, number>();
  let hasPartials = false;
  let speechAt: number | undefined;
  let resumed = 0;
  let continued = 0;

  const keep = (values: number[], lag: number): void => {
    if (values.length < MAX_VALUES) values.push(Math.max(0, lag));
  };
  /** How long ago a moment of the stream was spoken. */
  const since = (ms: number, now: number): number => now - ((start() ?? now) + ms / speed);

  function words(event: Extract<LiveEvent, { type: 'partial' | 'final' }>, count: number, now: number): void {
    const { segment, words: told = [] } = event;
    const before = known.get(segment) ?? 0;
    const until = Math.min(count, told.length);
    for (const { end_ms: end } of told.slice(before, until)) keep(settled, since(end, now));
    known.set(segment, Math.max(before, until));
  }

  return {
    saw(event, now) {
      if (event.type === 'resumed') resumed++;
      else if (event.type === 'continued') continued++;
      else if (event.type === 'speech_start') speechAt ??= event.at_ms;
      else if (event.type === 'partial' || event.type === 'final') {
        if (event.text === '') return;
        if (speechAt !== undefined) keep(firsts, since(speechAt, now));
        speechAt = undefined;
        hasPartials ||= event.type === 'partial';
        if (event.type === 'partial') words(event, wordsWithin(event.text, event.stable), now);
        else {
          words(event, Infinity, now);
          known.delete(event.segment);
          keep(finals, since(event.end_ms, now));
        }
      }
    },
    line() {
      const parts = [
        ...(speed === 0
          ? []
          : [
              ...(hasPartials ? [figure('first words', firsts), figure('settled words', settled)] : []),
              figure('finals', finals),
            ]),
        resumed > 0 ? `connection resumed ${times(resumed)}` : '',
        continued > 0 ? `begun anew ${times(continued)}` : '',
      ].filter((part) => part !== '');
      return parts.length === 0 ? '' : `latency: ${parts.join(', ')}`;
    },
  };
}

const times = (count: number): string => (count === 1 ? 'once' : `${String(count)} times`);

function figure(name: string, values: readonly number[]): string {
  if (values.length === 0) return '';
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    span(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return `${name} ${at(0.5)} (p95 ${at(0.95)})`;
}

/** Words of which every letter lies in the first `points` code points. */
const wordsWithin = (text: string, points: number): number =>
  Array.from(text)
    .slice(0, points)
    .join('')
    .split(/\s+/u)
    .filter((word) => word !== '').length;
