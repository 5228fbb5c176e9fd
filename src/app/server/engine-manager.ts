import {
  ScriptoriumError,
  heeding,
  type Clock,
  type Engine,
  type EngineStats,
  type Logger,
  type Millis,
} from '../../core/index.ts';
import type { EngineSource, EngineUse } from '../../worker/index.ts';

export interface EngineManagerParts {
  /** What a model takes once it is loaded. @throws ScriptoriumError `model-missing`. */
  readonly sizeOf: (model: string) => Promise<number>;
  /**
   * Loads a model and tries it out. Called once for all who ask while it loads.
   * @throws ScriptoriumError as loading does, or when what it says to a known recording is wrong; the reason of `signal`.
   */
  readonly load: (model: string, signal: AbortSignal) => Promise<Engine>;
  /** Never unloaded. */
  readonly pinned: string;
  /** An engine that nobody has used for so long is unloaded. */
  readonly idleAfter: Millis;
  /** Of all models together: others make room before one is loaded. Those in use don't, nor does one alone. */
  readonly memoryBytes: number;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface EngineManager extends EngineSource, AsyncDisposable {
  /** What became of a model that was asked for; undefined for one that nobody asked for, or that was unloaded. */
  state(model: string): 'loading' | 'ready' | undefined;
  /** Of all engines that are loaded, by model. */
  stats(): ReadonlyMap<string, EngineStats>;
}

/**
 * One engine, from the first who asks for its model:
 *
 * ```
 * loading ──ready──▶ used ⇄ idle ──idleAfter, or its memory is needed──▶ unloaded
 *    └──fails──▶ unloaded: the next who asks tries anew
 * ```
 */
interface Entry {
  readonly model: string;
  readonly loading: Promise<Engine>;
  engine: Engine | undefined;
  bytes: number;
  users: number;
  /** When it was last used. */
  usedAt: Millis;
  forgetIdle: () => void;
}

/** Loads models when they are asked for, one engine a model, and unloads those that nobody uses. */
export function engineManager(parts: EngineManagerParts): EngineManager {
  const { sizeOf, load, pinned, idleAfter, memoryBytes, clock, log } = parts;
  const entries = new Map<string, Entry>();
  const closing = new AbortController();

  async function unload(entry: Entry, why: string): Promise<void> {
    entry.forgetIdle();
    if (entries.get(entry.model) === entry) entries.delete(entry.model);
    if (entry.engine === undefined) return;
    log.info('model unloaded', { model: entry.model, why });
    await entry.engine[Symbol.asyncDispose]();
  }

  /** Unloads what nobody uses, longest unused first, until the rest is within bounds. */
  async function makeRoom(): Promise<void> {
    const taken = (): number => [...entries.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    const idle = [...entries.values()]
      .filter(({ model, users, engine }) => users === 0 && engine !== undefined && model !== pinned)
      .sort((a, b) => a.usedAt - b.usedAt);
    for (const entry of idle) {
      if (taken() <= memoryBytes) return;
      await unload(entry, 'its memory is needed');
    }
  }

  function begin(model: string): Entry {
    const loadIt = async (): Promise<Engine> => {
      const since = clock.now();
      log.info('model is being loaded', { model });
      try {
        entry.bytes = await sizeOf(model);
        await makeRoom();
        entry.engine = await load(model, closing.signal);
      } catch (error) {
        entries.delete(model);
        throw error;
      }
      log.info('model loaded', { model, seconds: (clock.now() - since) / 1000 });
      return entry.engine;
    };
    const starting = Promise.resolve().then(loadIt);
    // Those who wait hear of it; there may be none left.
    starting.catch(() => undefined);
    const entry: Entry = {
      model,
      loading: starting,
      engine: undefined,
      bytes: 0,
      users: 0,
      usedAt: clock.now(),
      forgetIdle: () => {},
    };
    entries.set(model, entry);
    return entry;
  }

  function release(entry: Entry): void {
    entry.users--;
    entry.usedAt = clock.now();
    if (entry.users > 0 || entry.model === pinned || entries.get(entry.model) !== entry) return;
    entry.forgetIdle = clock.after(idleAfter, () => {
      unload(entry, 'nobody used it').catch(() => undefined);
    });
  }

  return {
    async use(model, signal): Promise<EngineUse> {
      const entry = entries.get(model) ?? begin(model);
      entry.forgetIdle();
      entry.users++;
      try {
        const engine = await heeding(signal, entry.loading);
        let isUsed = true;
        return {
          engine,
          release() {
            if (isUsed) release(entry);
            isUsed = false;
          },
        };
      } catch (error) {
        release(entry);
        throw error;
      }
    },
    state(model) {
      const entry = entries.get(model);
      if (entry === undefined) return undefined;
      return entry.engine === undefined ? 'loading' : 'ready';
    },
    stats: () =>
      new Map([...entries].flatMap(([model, { engine }]) => (engine ? [[model, engine.stats()] as const] : []))),
    async [Symbol.asyncDispose]() {
      closing.abort(new ScriptoriumError('cancelled', 'the server stops'));
      const all = [...entries.values()];
      await Promise.allSettled(all.map(({ loading }) => loading));
      await Promise.all(all.map((entry) => unload(entry, 'the server stops')));
    },
  };
}
