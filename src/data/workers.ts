import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { stateError } from '../errors.js';
import { fromMessage } from '../message.js';
import type { Recipe } from './module.js';
import type { WorkerMessage, WorkerReply, WorkerRequest, WorkerSetup } from './worker.js';

export interface PoolOptions extends Omit<WorkerSetup, 'id'> {
  readonly prefetchFactor: number;
  readonly signal: AbortSignal | null;
  readonly recipe: Recipe;
}

interface Waiting {
  resolve(reply: WorkerReply): void;
  reject(error: unknown): void;
}

/** How long a thread that shall stop may go on loading its modules, in milliseconds. */
const LOAD_LIMIT = 2000;

/** One thread; its replies come in the order of the requests. */
class Thread {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #failure: unknown = null;
  /** Settled when the thread has loaded its modules, or never will. */
  readonly #loaded: Promise<void>;
  /** An iterable data set's thread that has nothing more. */
  done = false;

  constructor(setup: WorkerSetup) {
    const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
    this.#worker = new Worker(new URL(file, import.meta.url), { workerData: setup });
    this.#loaded = new Promise((resolve) => {
      this.#worker.on('message', (reply: WorkerMessage) => {
        if (reply.kind === 'loaded') resolve();
        else this.#waiting.shift()?.resolve(reply);
      });
      this.#worker.on('error', (error) => {
        this.fail(error);
        resolve();
      });
      this.#worker.once('exit', () => resolve());
    });
    this.#worker.on('exit', (code) =>
      this.fail(stateError(`DataLoader: worker ${setup.id} ended early (exit code ${code}).`)),
    );
  }

  fail(error: unknown): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  ask(request: WorkerRequest): Promise<WorkerReply> {
    const reply = new Promise<WorkerReply>((resolve, reject) => {
      if (this.#failure !== null) reject(this.#failure);
      else this.#waiting.push({ resolve, reject });
    });
    // The failure is thrown where the reply is awaited, maybe much later.
    reply.catch(() => undefined);
    this.#worker.postMessage(request);
    return reply;
  }

  /** Ends the thread: once it has loaded, since Node aborts the process when a thread ends in the middle of a require. */
  async stop(): Promise<void> {
    this.#worker.removeAllListeners('exit');
    await Promise.race([this.#loaded, sleep(LOAD_LIMIT, undefined, { ref: false })]);
    await this.#worker.terminate();
  }
}

/** An error of a worker's, with the worker's own stack. */
function workerError(reply: Extract<WorkerReply, { kind: 'error' }>): Error {
  const where = reply.index === null ? '' : ` at getItem(${reply.index})`;
  const error = new Error(`DataLoader: a worker failed${where}: ${reply.name}: ${reply.message}`);
  error.name = reply.name;
  error.stack = `${error.name}: ${error.message}\n${reply.stack.split('\n').slice(1).join('\n')}`;
  return error;
}

/**
 * Batches from worker threads, in order, some fetched ahead.
 * @param requests the indices of each batch, or null for an iterable data set, which ends by itself
 */
export async function* fetchInOrder(
  requests: Iterable<readonly number[] | number> | null,
  options: PoolOptions,
): AsyncGenerator<unknown> {
  const { recipe, numWorkers, seed, batchSize, dropLast, prefetchFactor, signal } = options;
  signal?.throwIfAborted();
  const threads = Array.from(
    { length: numWorkers },
    (_, id) => new Thread({ recipe, id, numWorkers, seed, batchSize, dropLast }),
  );
  const onAbort = (): void => threads.forEach((thread) => void thread.fail(signal!.reason));
  signal?.addEventListener('abort', onAbort);
  const indices = requests?.[Symbol.iterator]();
  const pending: { thread: Thread; reply: Promise<WorkerReply> }[] = [];
  let turn = 0;

  /** Gives the next request to the next thread; false when there is none. */
  const request = (): boolean => {
    const live = threads.filter((thread) => !thread.done);
    if (live.length === 0) return false;
    const next = indices?.next();
    if (next?.done) return false;
    const thread = live[turn++ % live.length]!;
    pending.push({ thread, reply: thread.ask({ indices: next === undefined ? null : next.value }) });
    return true;
  };

  try {
    for (let i = 0; i < numWorkers * prefetchFactor && request(); i++);
    for (let first = pending.shift(); first !== undefined; first = pending.shift()) {
      const reply = await first.reply;
      if (reply.kind === 'error') throw workerError(reply);
      if (reply.kind === 'done') {
        first.thread.done = true;
        continue;
      }
      request();
      yield fromMessage(reply.data);
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await Promise.all(threads.map((thread) => thread.stop()));
  }
}
