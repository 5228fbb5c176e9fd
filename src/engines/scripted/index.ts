/**
 * engines/scripted: an engine without a model, for tests and load. It says which samples it was given (position, length,
 * checksum), takes the time it is told to, and fails on demand as a real one does.
 */
export {
  scriptedEngine,
  scriptedText,
  type Fault,
  type ScriptedEngine,
  type ScriptedOptions,
} from './scripted-engine.ts';
