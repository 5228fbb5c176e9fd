import { metricSum } from '../measure/metric-sum.ts';

/** What a server's metrics say of the decoder steps that its partials took, and would take if all were decoded anew. */
export interface DecoderSteps {
  readonly forced: number;
  readonly anew: number;
}

/** Steps of a text: one a token that was not known or guessed right, and one for its end. @param origin of a server that has told partials. */
export async function readDecoderSteps(origin: string): Promise<DecoderSteps> {
  const metrics = await (await fetch(`${origin}/metrics`)).text();
  const tokens = (how: string): number =>
    metricSum(metrics, 'scriptorium_partial_tokens_total', { labels: new RegExp(`how="${how}"`, 'u') });
  const ends = metricSum(metrics, 'scriptorium_jobs_total', { labels: /kind="live",class="partial",end="committed"/u });
  const decoded = tokens('decoded') + ends;
  return { forced: decoded, anew: decoded + tokens('spared') + tokens('guessed') };
}
