/** Every bound of the settings, by name. */
export const MAX_BEAM_SIZE = 8;
/** Beyond a machine's cores more threads only wait; this is where a slip of the finger starts. */
export const MAX_THREADS = 1024;
/** Files that share the engine's batch at once. */
export const MAX_JOBS = 64;
export const MIN_LINE_WIDTH = 8;
export const MAX_LINE_WIDTH = 500;
export const MAX_LINE_COUNT = 10;
export const MAX_KEYWORDS = 200;
/** Whisper keeps 224 tokens of prompt; no text of more characters than this is worth tokenising. */
export const MAX_PROMPT_CHARACTERS = 10_000;
/** 30 days. */
export const MAX_RECORDING_HOURS = 720;
export const MAX_TIMEOUT_SECONDS = 86_400;
/** A config file is small; a larger one is some other file. */
export const MAX_CONFIG_FILE_BYTES = 1_048_576;
