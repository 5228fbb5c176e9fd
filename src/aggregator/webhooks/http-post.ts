/** How a webhook gets out. Follows no redirect, connects to no address that is forbidden. */
export type HttpPost = (
  url: string,
  request: {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly signal: AbortSignal;
  },
) => Promise<{
  readonly status: number;
  /** The `Retry-After` header, as it came. */
  readonly retryAfter: string | undefined;
}>;
