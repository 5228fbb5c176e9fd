/** What processes use, read from Linux's /proc (proc(5)): a process together with its descendants, and the machine. */
import { readFileSync, readdirSync } from 'node:fs';

/** Ticks a second of the times in /proc: USER_HZ, 100 on every Linux that Node.js runs on. */
const TICKS = 100;
const PAGE = 4096;

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** User and system time of all threads, and of children that were waited for. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/** Reads the line of /proc/PID/stat; undefined when it is not one. */
export function parseStat(line: string): ProcessStat | undefined {
  const name = line.lastIndexOf(')');
  if (name < 0) return undefined;
  const fields = line
    .slice(name + 2)
    .split(' ')
    .map(Number);
  const [, parent = 0] = fields;
  const field = (number: number): number => fields[number - 3] ?? 0; // proc(5) counts from 1, and pid and name are gone
  const ticks = field(14) + field(15) + field(16) + field(17);
  return { pid: Number.parseInt(line, 10), parent, cpuSeconds: ticks / TICKS, residentBytes: field(24) * PAGE };
}

function allProcesses(): readonly ProcessStat[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return parseStat(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
    } catch {
      return []; // it has ended since the folder was listed
    }
  });
}

export interface TreeUse {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/** What `root` and every process under it use now. */
export function treeUse(root: number): TreeUse {
  const all = allProcesses();
  const family = new Set([root]);
  for (let before = 0; before < family.size;) {
    before = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  const members = all.filter(({ pid }) => family.has(pid));
  return {
    cpuSeconds: members.reduce((sum, one) => sum + one.cpuSeconds, 0),
    residentBytes: members.reduce((sum, one) => sum + one.residentBytes, 0),
  };
}

/** Seconds that all cores together have worked since the machine started, ours among them. */
export function machineCpuSeconds(): number {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, soft = 0] = line.split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + soft) / TICKS;
}
