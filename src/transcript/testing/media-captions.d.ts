/** What the tests use of this reader: its own types name files without an ending, which Node's resolution refuses. */
declare module 'media-captions' {
  export function parseText(
    text: string,
    options: { readonly type: 'srt' | 'vtt'; readonly strict: boolean; readonly errors: boolean },
  ): Promise<{
    readonly cues: readonly { readonly startTime: number; readonly endTime: number; readonly text: string }[];
    readonly errors: readonly Error[];
  }>;
}
