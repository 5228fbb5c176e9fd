/**
 * What comes of `work`, or the reason of `signal` if that aborts first; the work goes on, and nobody hears what comes of it.
 */
export async function heeding<T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  if (signal === undefined) return work;
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([aborted, work]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}
