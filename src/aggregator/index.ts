/**
 * aggregator: folds the outcomes of jobs into transcriptions. Orders segments, tells events, writes the transcript at the end
 * and sends webhooks. Holds nothing itself: state is in the stores and changed by compare-and-set, so another may take over.
 */
export { startAggregator } from './start-aggregator.ts';
export { startWebhooks } from './webhooks/start-webhooks.ts';
export type { HttpPost } from './webhooks/http-post.ts';
export { secretBytes } from './webhooks/sign.ts';
