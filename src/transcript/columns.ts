/** How wide text stands on a screen, counted in grapheme clusters: what a reader sees as one character. */

const CLUSTERS = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** East Asian Wide and Fullwidth (Unicode TR 11) as far as subtitles meet them, and pictographs: two columns each. */
const WIDE =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\u{3000}-\u{303E}\u{30FB}\u{30FC}\u{FF01}-\u{FF60}\u{FFE0}-\u{FFE6}\p{Emoji_Presentation}]/u;
const ASCII = /^[\u{20}-\u{7E}]*$/u;

/** The grapheme clusters of a text, in order. */
export function clusters(text: string): string[] {
  return ASCII.test(text) ? text.split('') : Array.from(CLUSTERS.segment(text), ({ segment }) => segment);
}

const clusterColumns = (cluster: string): number => (WIDE.test(cluster) || cluster.includes('\u{FE0F}') ? 2 : 1);

/** Columns of a text: one a grapheme cluster, two where it is full-width. */
export function columns(text: string): number {
  if (ASCII.test(text)) return text.length;
  let sum = 0;
  for (const cluster of clusters(text)) sum += clusterColumns(cluster);
  return sum;
}

/** Cuts a text into pieces of at most `width` columns, never inside a cluster; a cluster wider than that stands alone. */
export function cutToColumns(text: string, width: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  for (const cluster of clusters(text)) {
    const wide = clusterColumns(cluster);
    if (used + wide > width && piece !== '') {
      pieces.push(piece);
      piece = '';
      used = 0;
    }
    piece += cluster;
    used += wide;
  }
  if (piece !== '') pieces.push(piece);
  return pieces;
}
