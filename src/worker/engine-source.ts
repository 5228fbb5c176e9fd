import type { Engine } from '../core/index.ts';

/** An engine for as long as it is used. */
export interface EngineUse {
  readonly engine: Engine;
  /** Once: the engine may be unloaded when nobody uses it. */
  release(): void;
}

/** Where a worker gets its engines: loaded when they are asked for, shared by all who ask for the same model. */
export interface EngineSource {
  /** @throws ScriptoriumError as loading the model does; the reason of `signal`. */
  use(model: string, signal: AbortSignal): Promise<EngineUse>;
}
