import type { JobClass } from '../../../core/index.ts';
import { fifo } from './fifo.ts';
import type { Fifo } from './fifo.ts';
import type { Job } from './job.ts';
import { perClass } from './job.ts';

/** The ready jobs: a line a tenant in each class, tenants taking turns. */
export interface Lines {
  add(job: Job, where: 'front' | 'back'): void;
  /** `false` when it is in no line. */
  remove(job: Job): boolean;
  /** The next of a class; undefined when nobody waits in it. */
  shift(jobClass: JobClass): Job | undefined;
  /** How many jobs of its class go before this one, if everybody's turn comes as it does now; undefined when it is in no line. */
  ahead(job: Job): number | undefined;
}

export function lines(): Lines {
  // A tenant is in the ring of a class while it has jobs there; the ring's first is next.
  const classes = perClass(() => ({ rings: fifo<string>(), tenants: new Map<string, Fifo<Job>>() }));

  return {
    add(job, where) {
      const { jobClass, tenant } = job.facts;
      const { rings, tenants } = classes[jobClass];
      let line = tenants.get(tenant);
      if (line === undefined) {
        line = fifo();
        tenants.set(tenant, line);
        rings.push(tenant);
      }
      if (where === 'front') line.pushFront(job);
      else line.push(job);
    },
    remove(job) {
      const { jobClass, tenant } = job.facts;
      const { rings, tenants } = classes[jobClass];
      const line = tenants.get(tenant);
      if (line?.remove(job) !== true) return false;
      if (line.size === 0) {
        tenants.delete(tenant);
        rings.remove(tenant);
      }
      return true;
    },
    shift(jobClass) {
      const { rings, tenants } = classes[jobClass];
      const tenant = rings.shift();
      if (tenant === undefined) return undefined;
      const line = tenants.get(tenant);
      const job = line?.shift();
      if (line !== undefined && line.size > 0) rings.push(tenant);
      else tenants.delete(tenant);
      return job;
    },
    ahead(job) {
      const { rings, tenants } = classes[job.facts.jobClass];
      const own = tenants.get(job.facts.tenant);
      let before = 0;
      for (const other of own ?? []) {
        if (other === job) break;
        before++;
      }
      if (own === undefined || before === own.size) return undefined;
      let count = before;
      let turn = before + 1;
      for (const tenant of rings) {
        if (tenant === job.facts.tenant) turn = before;
        else count += Math.min(tenants.get(tenant)?.size ?? 0, turn);
      }
      return count;
    },
  };
}
