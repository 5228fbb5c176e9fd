import type { Config } from './schema.ts';

/** The ladder that Whisper's command climbs: the first temperature, then each increment up to 1. */
export function temperatures({
  temperature,
  temperatureIncrement,
}: Pick<Config, 'temperature' | 'temperatureIncrement'>): number[] {
  if (temperatureIncrement === 'none') return [temperature];
  const ladder: number[] = [];
  // Counted, not summed: 0.2 added five times is not 1.
  for (let step = 0; ; step++) {
    const next = Math.round((temperature + step * temperatureIncrement) * 1e6) / 1e6;
    if (next > 1) return ladder;
    ladder.push(next);
  }
}
