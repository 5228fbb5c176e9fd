/** `HH:MM:SS` and milliseconds behind `mark`; hours take a third digit from 100 on. @param ms a whole number, not negative. */
export function clockStamp(ms: number, mark: ',' | '.'): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const fraction = String(ms % 1000).padStart(3, '0');
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}${mark}${fraction}`;
}
