/** What the composition needs to know; the command line makes it out of flags, environment and file. */
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
}
