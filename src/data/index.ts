export { type Collate, type Collated, defaultCollate, defaultConvert } from './collate.js';
export { CsvDataset, type CsvDatasetOptions, type CsvOptions, type CsvTable, readCsv } from './csv.js';
export {
  ChainDataset,
  ConcatDataset,
  Dataset,
  IterableDataset,
  randomSplit,
  Subset,
  TensorDataset,
} from './dataset.js';
export { ImageFolder, type ImageFolderOptions } from './imageFolder.js';
export { DataLoader } from './loader.js';
export type { DataLoaderOptions } from './loaderOptions.js';
export type { DataLoaderState } from './loaderState.js';
export { fromModule } from './module.js';
export {
  ParquetDataset,
  type ParquetDatasetOptions,
  type ParquetOptions,
  type ParquetTable,
  readParquet,
} from './parquet.js';
export { Progress, type ProgressOptions, type ProgressStream, progress } from './progress.js';
export { type ReadImageOptions, readImage } from './readImage.js';
export {
  BatchSampler,
  DistributedSampler,
  RandomSampler,
  Sampler,
  SequentialSampler,
  SubsetRandomSampler,
  WeightedRandomSampler,
} from './sampler.js';
export { getWorkerInfo, type WorkerInfo } from './workerInfo.js';
