import { z } from 'zod';
import type { Style } from './style.ts';

const Line = z.looseObject({ time: z.string(), level: z.string(), message: z.string() });

/** A line of a server's JSON log as a person reads it: `12:00:03 warn job failed code=engine-crashed`. */
export function readable(line: string, style: Style): string {
  const { time, level, message, ...facts } = Line.parse(JSON.parse(line));
  const at = time.replace(/^.*T([\d:]{8}).*$/, '$1');
  const shade = level === 'error' ? style.red : level === 'warn' ? style.yellow : style.dim;
  const rest = Object.entries(facts).map(([name, value]) => style.dim(`${name}=${String(value)}`));
  return `${style.dim(at)} ${[shade(level), message, ...rest].join(' ')}\n`;
}
