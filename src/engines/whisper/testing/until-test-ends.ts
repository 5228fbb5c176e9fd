import { onTestFinished } from 'vitest';

/** The resource, which is let go when the running test is over, however it ends. */
export async function untilTestEnds<T extends AsyncDisposable>(resource: Promise<T>): Promise<T> {
  const opened = await resource;
  onTestFinished(() => opened[Symbol.asyncDispose]());
  return opened;
}
