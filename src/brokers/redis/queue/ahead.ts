/** A tenant's waiting jobs of a class in one shard. */
export interface Line {
  readonly shard: number;
  readonly place: number;
  readonly tenant: string;
  readonly length: number;
  /** Arrival of its first job, and of its last. */
  readonly first: number;
  readonly last: number;
}

/** Where a job stands. */
export interface Standing {
  readonly shard: number;
  readonly place: number;
  readonly tenant: string;
  readonly arrival: number;
  /** Jobs of its line that go before it; undefined when they are too many to count. */
  readonly before: number | undefined;
}

/** How many of a line came before a moment, if they came evenly. */
function earlier({ length, first, last }: Line, arrival: number): number {
  if (arrival <= first) return 0;
  return arrival > last ? length : Math.round((length * (arrival - first)) / (last - first));
}

const firstOf = (lines: readonly Line[]): number => Math.min(...lines.map(({ first }) => first));

/** How many jobs of its class go before one, if tenants take turns and nothing is added. An estimate. */
export function jobsAhead(all: readonly Line[], { shard, place, tenant, arrival, before }: Standing): number {
  const tenants = new Map<string, readonly Line[]>();
  for (const line of all) {
    if (line.place === place) tenants.set(line.tenant, [...(tenants.get(line.tenant) ?? []), line]);
  }
  const own = tenants.get(tenant) ?? [];
  const isCounted = (line: Line): boolean => line.shard === shard && before !== undefined;
  const mine = own.reduce((sum, line) => sum + (isCounted(line) ? 0 : earlier(line, arrival)), before ?? 0);
  const start = Math.min(firstOf(own), arrival);
  tenants.delete(tenant);
  let sum = mine;
  for (const lines of tenants.values()) {
    const waiting = lines.reduce((total, { length }) => total + length, 0);
    sum += Math.min(waiting, firstOf(lines) < start ? mine + 1 : mine);
  }
  return sum;
}
