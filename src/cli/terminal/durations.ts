/** `m:ss`, or `h:mm:ss` from an hour on; cut, as a player shows it. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0
    ? `${String(hours)}:${two(minutes)}:${two(seconds % 60)}`
    : `${String(minutes)}:${two(seconds % 60)}`;
}

/** How long something took: `1.4 s`, from a minute on as a clock. */
export const span = (ms: number): string => (ms < 59_950 ? `${(ms / 1000).toFixed(1)} s` : clock(ms));

/** Bytes in decimal units, as file managers and download pages count: `43.5 MB`; `?` where nobody knows. */
export function size(bytes: number): string {
  if (bytes <= 0) return '?';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? String(value) : value.toPrecision(3)} ${units[unit] ?? ''}`;
}

/** Times faster than the recording plays: `8.4×`. */
export const speedText = (speed: number): string => `${speed.toFixed(speed < 10 ? 1 : 0)}×`;
