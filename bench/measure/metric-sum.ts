/**
 * The sum of a metric's samples in Prometheus's text format.
 *
 * @param labels a pattern that the labels of those that count must match; all count without.
 * @param none what it is when there are no samples; an Error is thrown unless told, as a name that is misspelt has none.
 */
export function metricSum(
  text: string,
  name: string,
  { labels, none }: { labels?: RegExp; none?: number } = {},
): number {
  const samples = [...text.matchAll(new RegExp(`^${name}(?:\\{(.*)\\})? (\\S+)$`, 'gmu'))].filter(
    ([, found = '']) => labels?.test(found) ?? true,
  );
  if (samples.length === 0 && none === undefined) throw new Error(`there is no metric ${name}`);
  return samples.reduce((sum, [, , value]) => sum + Number(value), none ?? 0);
}
