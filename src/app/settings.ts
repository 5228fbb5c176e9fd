import { accessSync, constants } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Config } from '../config/index.ts';
import type { Millis } from '../core/index.ts';
import { secondsToMillis } from '../core/index.ts';

/** What the composition needs to know. */
export interface AppSettings {
  /** Name of a known model, or the path of a model's file or folder. */
  readonly model: string;
  /** Folder of pulled models. */
  readonly modelsFolder: string;
  /** Folder of built graphs. */
  readonly cacheFolder: string;
  /** Threads of the engine; at most the cores we have. */
  readonly threads: number;
  readonly precision: 'int8' | 'f32';
  /** Path of an `ffmpeg`, for formats that are not decoded here; undefined when there is none. */
  readonly ffmpeg: string | undefined;
  /** Longer recordings are refused; by default as `audio` bounds them. */
  readonly maxSeconds?: number;
  /** An engine that gives no sign for so long is started anew. */
  readonly engineTimeout?: Millis;
}

const SECONDS_AN_HOUR = 3600;

/** The composition's settings out of the user's. */
export function settingsOf(config: Config, env: Readonly<Record<string, string | undefined>>): AppSettings {
  return {
    model: config.model,
    modelsFolder: config.modelsDir,
    cacheFolder: config.cacheDir,
    threads: config.threads === 'auto' ? availableParallelism() : config.threads,
    precision: config.precision,
    ffmpeg: findProgram(config.ffmpeg, env),
    maxSeconds: config.maxHours * SECONDS_AN_HOUR,
    engineTimeout: secondsToMillis(config.engineTimeout),
  };
}

/** A program by path, or by name on the path of `env`; undefined when there is none that may be run. */
export function findProgram(program: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const isPath = program.includes('/') || program.includes('\\');
  const folders = (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const endings = process.platform === 'win32' ? ['.exe', ''] : [''];
  const places = isPath ? [program] : folders.flatMap((folder) => endings.map((end) => join(folder, program + end)));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
