import { isWorthARetry, ScriptoriumError, uploadKey } from '../../core/index.ts';
import { admit } from '../access/admit.ts';
import type { Context } from '../context.ts';
import { jsonAnswer, sendAnswer } from '../http/answer.ts';
import type { Route } from '../http/exchange.ts';
import { newId } from '../new-id.ts';
import { jobAnswer, ownJob } from '../work/job-state.ts';
import { submitTranscription } from '../work/submit.ts';
import { watchJob } from '../work/watch-job.ts';

/**
 * `POST /v1/jobs/{id}/retry`: does a job that failed for the server's own reasons once more, as a new job. What lies in the
 * file fails again however often it is tried.
 */
export function jobRetryRoute(context: Context): Route {
  const { broker, clock, random, settings } = context;
  return {
    method: 'POST',
    path: '/v1/jobs/{id}/retry',
    access: 'key',
    errors: 'problem',
    async handle(exchange) {
      const failed = await ownJob(context, exchange, exchange.params['id'] ?? '');
      if (!isWorthARetry(failed.record)) {
        throw new ScriptoriumError(
          'job-ended',
          `The job is ${failed.record.state}; only a fault of the server is retried.`,
        );
      }
      const admission = admit(context, exchange, 'batch');
      try {
        const id = newId('job', broker.now(), random);
        const limit = settings.uploadBytes;
        await broker.blobs.put(uploadKey(id), broker.blobs.open(uploadKey(failed.id)), {
          limit,
          signal: exchange.gone,
        });
        await submitTranscription(broker, { id, tenant: failed.tenant, request: failed.record.request });
        exchange.log.info('job retried', { jobId: id, failedJobId: failed.id });
        const job = await jobAnswer(context, exchange, id);
        await sendAnswer(exchange, jsonAnswer(job, 202, { location: `/v1/jobs/${id}` }), clock);
        watchJob(context, id, admission);
      } catch (error) {
        admission.release();
        throw error;
      } finally {
        admission.uploaded();
      }
    },
  };
}
