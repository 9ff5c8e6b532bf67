import { inspect } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import { toMessage } from '../message.js';
import { manualSeed } from '../random/generator.js';
import { batchesOf } from './batches.js';
import { defaultCollate, defaultConvert } from './collate.js';
import { type Dataset, IterableDataset } from './dataset.js';
import { collateOf, fromRecipe, type Recipe } from './module.js';
import { setWorkerInfo } from './workerInfo.js';

/** What a worker thread is started with. */
export interface WorkerSetup {
  readonly recipe: Recipe;
  readonly id: number;
  readonly numWorkers: number;
  readonly seed: bigint;
  /** null: samples are not batched. */
  readonly batchSize: number | null;
  readonly dropLast: boolean;
}

/** indices: the batch of those samples, or the one sample; null: the next batch of an iterable data set. */
export interface WorkerRequest {
  readonly indices: readonly number[] | number | null;
}

/** A reply, or, once and by itself, that the data set is there. */
export type WorkerMessage = WorkerReply | { readonly kind: 'loaded' };

export type WorkerReply =
  | { readonly kind: 'batch'; readonly data: unknown }
  | { readonly kind: 'done' }
  | {
      readonly kind: 'error';
      readonly name: string;
      readonly message: string;
      readonly stack: string;
      /** The sample that could not be had. */
      readonly index: number | null;
    };

/** What a data set's getItem threw. */
class SampleFailure {
  constructor(
    readonly index: number,
    readonly error: unknown,
  ) {}
}

function serve(setup: WorkerSetup): void {
  const port = parentPort!;
  manualSeed(setup.seed + BigInt(setup.id));
  const dataset = fromRecipe(setup.recipe);
  setWorkerInfo({ id: setup.id, numWorkers: setup.numWorkers, seed: setup.seed + BigInt(setup.id), dataset });
  const own = collateOf(dataset);
  const isIterable = dataset instanceof IterableDataset || !('getItem' in dataset);
  const iterator = isIterable ? batchesOf(dataset as Iterable<unknown>, setup.batchSize, setup.dropLast) : null;

  const samplesFor = async (
    indices: WorkerRequest['indices'],
  ): Promise<{ samples: unknown; batched: boolean } | { batch: unknown } | null> => {
    if (iterator !== null) {
      const { value, done } = iterator.next();
      return done ? null : { samples: value, batched: setup.batchSize !== null };
    }
    const sampleAt = async (index: number): Promise<unknown> => {
      try {
        return await (dataset as Dataset<unknown>).getItem(index);
      } catch (error) {
        throw new SampleFailure(index, error);
      }
    };
    if (typeof indices === 'number') return { samples: await sampleAt(indices), batched: false };
    const batch = own === null ? ((dataset as Dataset<unknown>).getBatch?.(indices ?? []) ?? null) : null;
    if (batch !== null) return { batch };
    return { samples: await Promise.all((indices ?? []).map(sampleAt)), batched: true };
  };

  const answer = async ({ indices }: WorkerRequest): Promise<[WorkerReply, ArrayBuffer[]]> => {
    const fetched = await samplesFor(indices);
    if (fetched === null) return [{ kind: 'done' }, []];
    if ('batch' in fetched) {
      const { data, transfer } = toMessage(fetched.batch, { move: true });
      return [{ kind: 'batch', data }, transfer];
    }
    const collate = own ?? (fetched.batched ? defaultCollate : defaultConvert);
    const batch = collate(fetched.samples as never);
    // What defaultCollate has just stacked is nobody else's, so it can move.
    const { data, transfer } = toMessage(batch, { move: own === null && fetched.batched });
    return [{ kind: 'batch', data }, transfer];
  };

  // Samples of several requests may be awaited at once; the replies go out in the order of the requests.
  let before: Promise<void> = Promise.resolve();
  port.on('message', (request: WorkerRequest) => {
    const replied = answer(request).catch((thrown: unknown): [WorkerReply, ArrayBuffer[]] => {
      const [index, error] = thrown instanceof SampleFailure ? [thrown.index, thrown.error] : [null, thrown];
      const { name, message, stack } =
        error instanceof Error ? error : new Error(typeof error === 'string' ? error : inspect(error));
      return [{ kind: 'error', name, message, stack: stack ?? '', index }, []];
    });
    before = before.then(async () => {
      const [reply, transfer] = await replied;
      port.postMessage(reply, transfer);
    });
  });
}

serve(workerData as WorkerSetup);
parentPort!.postMessage({ kind: 'loaded' } satisfies WorkerMessage);
