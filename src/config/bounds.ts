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
/** A host name has at most 253 characters (RFC 1035, section 2.3.4). */
export const MAX_HOST_CHARACTERS = 253;
/** Faster than this is what 0 is for. */
export const MAX_SPEED = 1000;
export const MAX_PORT = 65_535;
export const MAX_ORIGINS = 100;
export const MAX_URL_CHARACTERS = 2000;
/** By option or variable; a file may hold more. */
export const MAX_KEYS = 100;
export const MAX_KEY_CHARACTERS = 500;
/** The new one, the old one, and some that were forgotten. */
export const MAX_WEBHOOK_SECRETS = 8;
export const MAX_IDLE_MINUTES = 525_600;
export const MAX_GIB = 4096;
export const MAX_UPLOAD_MIB = 1_048_576;
export const MAX_QUEUED = 1_000_000;
export const MAX_LIVE = 100_000;
export const MAX_RESUME_SECONDS = 3600;
export const MAX_QUOTA = 1_000_000_000;
/** Workers of one machine, and jobs of one of them. */
export const MAX_WORKERS = 1024;
export const MAX_WORKER_SLOTS = 1000;
/** Ten years. */
export const MAX_RETENTION_HOURS = 87_600;
/** Of what keys in a broker begin with. */
export const MAX_PREFIX_CHARACTERS = 64;
