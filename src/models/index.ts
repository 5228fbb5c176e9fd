/**
 * models: which models are known, which are here, and how they get here. Names become paths that an engine's reader
 * opens; pulls over HTTP or from a folder are resumed, checked and atomic. Knows nothing of what is in the files.
 */
export { loadCatalog } from './catalog.ts';
export { pullModel } from './pull.ts';
export { resolveModel } from './resolve.ts';
export { listModels, removeModel, storedModel, type ModelStore, type StoredModel } from './store.ts';
export { verifyModel } from './verify.ts';
