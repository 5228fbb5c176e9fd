/** What became of one recording. */
export type Outcome =
  | { readonly kind: 'done' }
  /** All its files were there already. */
  | { readonly kind: 'skipped' }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** Taken back by Ctrl-C, by a reader that left, or by a failure that all others share. */
  | { readonly kind: 'cancelled' };
