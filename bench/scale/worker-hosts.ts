/** Processes of simulated workers, from outside. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { exitCode } from '../sides/exit-code.ts';
import { HostNews, type HostOrder, type WorkedJob } from './messages.ts';

const HOST = fileURLToPath(new URL('worker-host.ts', import.meta.url));
/** The machine has two cores; more processes would only change places on them. */
const MAX_HOSTS = 2;

export interface WorkerHosts {
  /** Lets each worker end its job, and tells what all of them did. */
  stop(): Promise<readonly WorkedJob[]>;
}

const news = (child: ChildProcess): Promise<HostNews> =>
  new Promise((resolve, reject) => {
    child.once('message', (message) => {
      child.removeListener('exit', gone);
      resolve(HostNews.parse(message));
    });
    const gone = (code: number | null): void => reject(new Error(`a process of workers ended with ${String(code)}`));
    child.once('exit', gone);
  });

/** @returns once all workers ask for jobs. */
export async function startWorkerHosts(url: string, count: number): Promise<WorkerHosts> {
  const hosts = Math.min(MAX_HOSTS, count);
  const children = Array.from({ length: hosts }, (_host, host) => {
    const workers = Array.from({ length: count }, (_worker, index) => `worker-${index}`).filter(
      (_name, index) => index % hosts === host,
    );
    const order: HostOrder = { url, workers };
    return fork(HOST, [JSON.stringify(order)], {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  });
  const ends = children.map(exitCode);
  await Promise.all(children.map(news));
  return {
    async stop() {
      const told = children.map(news);
      for (const child of children) child.send('stop');
      const all = await Promise.all(told);
      await Promise.all(ends);
      return all.flatMap((one) => (one.type === 'worked' ? one.jobs : []));
    },
  };
}
