/**
 * config: every setting in one table, settled once: flags over SCRIPTORIUM_* over a file over defaults.
 * Help, documentation and validation are made of that table. Reads the config file and nothing else of the world.
 */
export type { Machine } from './folders.ts';
export { loadConfig, type GivenFlag, type LoadedConfig } from './load-config.ts';
export { nearest, suggestion } from './nearest.ts';
export { ENV_PREFIX, envName, OPTION_GROUPS, type Option } from './option.ts';
export { OPTION_LIST, type OptionName } from './options.ts';
export type { Config } from './schema.ts';
export { SHARED_BROKER } from './shared-broker.ts';
export { temperatures } from './temperatures.ts';
