/** The part of a shown text that never changes: its first `stable` code points. */
export const stableText = ({ text, stable }: { readonly text: string; readonly stable: number }): string =>
  Array.from(text).slice(0, stable).join('');

export const codePoints = (text: string): number => Array.from(text).length;
