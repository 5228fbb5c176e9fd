import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

/** One line about the machine: what its speed depends on. */
export function machineLine(): string {
  const cores = cpus();
  const flags = readFileSync('/proc/cpuinfo', 'utf8').match(/^flags.*$/m)?.[0] ?? '';
  const vectors = ['avx2', 'avx512f', 'avx512_vnni', 'avx_vnni', 'amx_int8'].filter((flag) => flags.includes(flag));
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cores[0]?.model ?? 'unknown'}, ${cores.length} cores, ${vectors.join(' ')}, ${memory} GiB, Linux ${release()}`;
}
