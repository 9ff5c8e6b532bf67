// Run as a process of its own by training.test.ts: ends workers while their kernels run and throw, and goes on computing.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import * as ng from '../../dist/index.js';

if (isMainThread) {
  for (let i = 0; i < 4; i++) {
    const worker = new Worker(new URL(import.meta.url));
    await once(worker, 'message');
    await worker.terminate();
  }
  if (
    ng
      .ones([4, 4])
      .matmul(ng.ones([4, 4]))
      .sum()
      .item() !== 64
  )
    throw new Error('wrong product');
  console.log('ended 4 workers');
} else {
  parentPort.postMessage('ready');
  const x = ng.ones([300, 300]);
  const table = ng.ones([3, 2]);
  for (;;) {
    x.matmul(x);
    try {
      table.indexSelect(0, ng.tensor([9]));
    } catch {
      // The kernel reports the bad index; ending the worker may fall into its report.
    }
  }
}
