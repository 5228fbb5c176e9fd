import { asScriptoriumError, millis, type Clock, type Logger, type ScriptoriumError } from '../../core/index.ts';

/** How often the disk is looked at. */
const LOOK_EVERY = millis(1000);

export interface SpaceWatch {
  /** Why nothing new is taken, as of the last look; undefined while there is room. */
  failure(): ScriptoriumError | undefined;
  stop(): void;
}

/**
 * Looks at the disk now and then, so that readiness can tell at once; the log has a line when nothing new is taken any more, and one
 * when it is again.
 *
 * @param check throws while the disk has too little left.
 */
export function watchSpace(check: () => Promise<void>, clock: Clock, log: Logger): SpaceWatch {
  let failure: ScriptoriumError | undefined;
  let isStopped = false;
  let forget = (): void => {};

  async function look(): Promise<void> {
    const before = failure;
    failure = await check().then(
      () => undefined,
      (error: unknown) => asScriptoriumError(error, 'storage-failed'),
    );
    if (isStopped) return;
    forget = clock.after(LOOK_EVERY, () => void look());
    if (failure !== undefined && before === undefined) {
      log.warn('nothing new is taken: the disk has too little left', { code: failure.code, reason: failure.message });
    } else if (failure === undefined && before !== undefined) log.warn('the disk has room again');
  }

  void look();
  return {
    failure: () => failure,
    stop() {
      isStopped = true;
      forget();
    },
  };
}
