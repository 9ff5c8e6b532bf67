import type { Dataset, IterableDataset } from './dataset.js';

/** Inside a worker thread: which one it is. */
export interface WorkerInfo {
  readonly id: number;
  readonly numWorkers: number;
  readonly seed: bigint;
  readonly dataset: Dataset<unknown> | IterableDataset<unknown>;
}

let info: WorkerInfo | null = null;

export function setWorkerInfo(value: WorkerInfo): void {
  info = value;
}

/** Which worker thread this code runs in, or null in the main thread. An iterable data set takes its share by it. */
export function getWorkerInfo(): WorkerInfo | null {
  return info;
}
