/**
 * models: which models are known, which are here, and how they get here. Names become paths that an engine's reader
 * opens; pulls over HTTP or from a folder are resumed, checked and atomic. Knows nothing of what is in the files.
 */
export {
  findEntry,
  loadCatalog,
  parseCatalog,
  type Catalog,
  type CatalogedFile,
  type CatalogEntry,
} from './catalog.ts';
export { pullModel, type PullIo, type PullOptions, type PullProgress } from './pull.ts';
export { resolveModel, type ResolvedModel } from './resolve.ts';
export { listModels, removeModel, storedModel, type ModelStore, type StoredModel } from './store.ts';
export { verifyModel, type Verification, type VerifyOptions } from './verify.ts';
