import { asScriptoriumError, type Broker, type Facts, type Logger } from '../core/index.ts';

/**
 * The broker, saying at the level `debug` what becomes of each job: `job put`, `job committed` and `job given back` before it is
 * asked and again with the `answer`, `job leased` once it is. Whoever reads the logs of all processes of a site has the history of
 * its work; what has no answer, because a process or the store died, may have been done or not.
 */
export function loggedWork(broker: Broker, log: Logger): Broker {
  const { jobs, results } = broker;

  async function told<Answer extends string | boolean>(
    message: string,
    facts: Facts,
    ask: () => Promise<Answer>,
  ): Promise<Answer> {
    log.debug(message, facts);
    try {
      const answer = await ask();
      log.debug(message, { ...facts, answer });
      return answer;
    } catch (error) {
      log.debug(message, { ...facts, code: asScriptoriumError(error, 'storage-failed').code });
      throw error;
    }
  }

  return {
    ...broker,
    jobs: {
      ...jobs,
      put(job) {
        const { id, session, slot, revision, jobClass } = job;
        const facts = { sessionId: session, jobId: id, slot, revision, class: jobClass };
        return told('job put', facts, async () => jobs.put(job));
      },
      async claim(options) {
        const lease = await jobs.claim(options);
        if (lease === null) return lease;
        const { id, session, token, attempt } = lease;
        log.debug('job leased', { sessionId: session, jobId: id, token, attempt, worker: options.worker });
        return lease;
      },
      nack({ id, token }, options) {
        return told('job given back', { jobId: id, token }, async () => jobs.nack({ id, token }, options));
      },
    },
    results: {
      ...results,
      commit({ id, token }, outcome) {
        return told('job committed', { jobId: id, token }, async () => results.commit({ id, token }, outcome));
      },
    },
  };
}
