/** An engine child that says what a test tells it to, and a clock that stands still until it is moved. */
import type { Clock } from '../../../core/index.ts';
import { millis } from '../../../core/index.ts';
import type { EngineChild } from '../child/child-process.ts';
import type { FromChild, ToChild } from '../child/messages.ts';

/** A clock that stands still until it is moved. */
export function stillClock(): Clock & { advance(by: number): void } {
  let now = 0;
  const alarms = new Set<{ readonly at: number; readonly callback: () => void }>();
  return {
    now: () => millis(now),
    after(delay, callback) {
      const alarm = { at: now + delay, callback };
      alarms.add(alarm);
      return () => alarms.delete(alarm);
    },
    advance(by) {
      now += by;
      for (const alarm of [...alarms].filter(({ at }) => at <= now)) {
        alarms.delete(alarm);
        alarm.callback();
      }
    },
  };
}

export interface MadeChild extends EngineChild {
  readonly sent: ToChild[];
  readonly killed: () => boolean;
  /** Whether it was told to leave; it stays until it dies. */
  readonly toldToLeave: () => boolean;
  say(message: FromChild): void;
  die(reason: string): void;
  /** Ids of the segments that it was sent. */
  ids(): number[];
}

export function madeChild(): MadeChild {
  const sent: ToChild[] = [];
  const listeners: ((message: FromChild) => void)[] = [];
  const exits: ((reason: string) => void)[] = [];
  let killed = false;
  let toldToLeave = false;
  let gone = false;
  const die = (reason: string): void => {
    if (gone) return;
    gone = true;
    for (const exit of exits) exit(reason);
  };
  return {
    pid: undefined,
    sent,
    killed: () => killed,
    toldToLeave: () => toldToLeave,
    send: (message) => void sent.push(message),
    onMessage: (listener) => void listeners.push(listener),
    onExit: (listener) => void exits.push(listener),
    leave: () => {
      toldToLeave = true;
    },
    kill: () => {
      killed = true;
      die('SIGKILL');
    },
    say: (message) => {
      for (const listener of listeners) listener(message);
    },
    die,
    ids: () => sent.flatMap((message) => (message.type === 'transcribe' ? [message.id] : [])),
  };
}
