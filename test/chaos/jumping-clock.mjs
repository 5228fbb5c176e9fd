// A process whose wall clock jumps whenever it gets SIGUSR2, as when somebody sets it. Loaded before the program, by --import.
const HOUR = 3_600_000;
const JUMPS = [HOUR, -2 * HOUR, 30_000, -24 * HOUR, 25 * HOUR];
const Real = globalThis.Date;
let offset = 0;
let jumps = 0;

globalThis.Date = class extends Real {
  constructor(...given) {
    if (given.length === 0) super(Real.now() + offset);
    else super(...given);
  }
  static now() {
    return Real.now() + offset;
  }
};
process.on('SIGUSR2', () => {
  offset += JUMPS[jumps++ % JUMPS.length];
});
