// Dual encoders: model folders, their tokenizer and preprocessing, embeddings of texts and pictures.
// Importing this loads no runtime.

export { createModel } from './create/create';
export type { ClipConfig } from './create/config';
export type { CreateOptions } from './create/create';
export { loadDualEncoder } from './open';
export type { DualEncoder, EncoderOptions } from './encoder';
export { fingerprint } from './fingerprint';
export { modelFiles, modelNames, readModelFolder } from './folder';
export type { ModelConfig, ModelFolder } from './folder';
export { pullModel } from './hub';
export type { PullProgress } from './hub';
export { decodePicture, ImageError } from '#picture';
export { parsePreprocessing } from './preprocess';
export { preprocess, toTensor } from '#preprocess';
export type { Preprocessing } from '#preprocess';
export {
  checkTemplate,
  DEFAULT_TEMPLATES,
  encodeLabels,
  fillTemplate,
  readTemplates,
} from './templates';
export { loadTokenizer } from './tokenizer';
export type { Tokenizer } from './tokenizer';
