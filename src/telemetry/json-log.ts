import type { Facts, Logger } from '../core/index.ts';

/** From the chattiest to the quietest. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A fact's text is cut here: a line stays a line. */
const MAX_FACT_CHARACTERS = 1000;

export interface JsonLogParts {
  /** Takes one line, its line feed included. */
  readonly write: (line: string) => void;
  readonly now: () => Date;
  /** What is less than this isn't written. */
  readonly level: LogLevel;
}

/** One JSON object a line: `time`, `level`, `message`, then the facts; numbers to a thousandth, a millisecond where they are seconds. */
export function jsonLog({ write, now, level }: JsonLogParts, facts: Facts = {}): Logger {
  const from = LOG_LEVELS.indexOf(level);
  const at =
    (name: Exclude<LogLevel, 'silent'>): Logger['info'] =>
    (message, more = {}) => {
      if (LOG_LEVELS.indexOf(name) < from) return;
      write(
        `${JSON.stringify({ time: now().toISOString(), level: name, message, ...shortened({ ...facts, ...more }) })}\n`,
      );
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (more) => jsonLog({ write, now, level }, { ...facts, ...more }),
  };
}

const shortened = (facts: Facts): Facts =>
  Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, brief(value)]));

function brief(value: Facts[string]): Facts[string] {
  if (typeof value === 'string') return value.slice(0, MAX_FACT_CHARACTERS);
  // Whole numbers stay as they are: those as large as a lease's token lose digits by it.
  return typeof value === 'number' && !Number.isInteger(value) ? Math.round(value * 1000) / 1000 : value;
}
