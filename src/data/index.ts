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
export { DataLoader, type DataLoaderOptions } from './loader.js';
export type { DataLoaderState } from './loaderState.js';
export { fromModule } from './module.js';
export { Progress, type ProgressOptions, type ProgressStream, progress } from './progress.js';
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
