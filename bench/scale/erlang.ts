/**
 * The chance that a job finds all workers busy, of M/M/c (Erlang's C formula). Erlang's B is built up worker by worker first: its terms
 * never overflow.
 *
 * @param offered arrivals a second times mean service in seconds, below `workers`.
 */
export function chanceOfWaiting(workers: number, offered: number): number {
  let blocked = 1;
  for (let count = 1; count <= workers; count++) blocked = (offered * blocked) / (count + offered * blocked);
  const load = offered / workers;
  return blocked / (1 - load + load * blocked);
}

/** Mean wait in the queue, in the unit of `meanService`. */
export const meanWait = (workers: number, offered: number, meanService: number): number =>
  (chanceOfWaiting(workers, offered) * meanService) / (workers - offered);
