import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

const script = fileURLToPath(new URL('./fixtures/run.mjs', import.meta.url));

/** Runs a case of fixtures/run.mjs on the built library, since worker threads load JavaScript; it must end by itself. */
async function run(name: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, name], { timeout: 180_000 });
  return JSON.parse(stdout);
}

const batch = (indices: number[]) => [[indices.length, 2000], indices.map((i) => i * i), indices];

describe('DataLoader with worker threads', () => {
  it('keeps the order', async () => {
    expect(await run('ordered')).toEqual([batch([0, 1, 2]), batch([3, 4, 5]), batch([6, 7])]);
  });

  it('gives the batches that the main thread would give', async () => {
    const [none, two] = (await run('same')) as unknown[];
    expect(two).toEqual(none);
  });

  it('takes tensor data sets and their subsets as they are', async () => {
    expect(await run('tensors')).toEqual([
      [1, 3],
      [5, 7],
    ]);
  });

  it('takes folders of pictures', async () => {
    expect(await run('pictures')).toEqual([
      [
        [2, 1, 2, 2],
        [[100], [50]],
        [2, 1],
      ],
      [[1, 1, 2, 2], [[0]], [0]],
    ]);
  });

  it('lets iterable data sets share the work', async () => {
    const batches = (await run('iterable')) as number[][];
    expect(batches.flat().sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("passes on a worker's error with its own stack", async () => {
    const error = (await run('error')) as { name: string; message: string; stack: string };
    expect(error.name).toBe('RangeError');
    expect(error.message).toContain('at getItem(5): RangeError: sample 5 is broken');
    expect(error.stack).toContain('sets.mjs');
  });

  it('shows what a worker throws that is no Error', async () => {
    expect(await run('object')).toMatchObject({
      message: expect.stringContaining('at getItem(0): Error: { code: 7 }'),
    });
  });

  it('notices a worker that exits', async () => {
    expect(await run('exit')).toMatchObject({ message: expect.stringContaining('exit code 3') });
  });

  it('stops on an AbortSignal and when the loop breaks', async () => {
    expect(await run('abort')).toMatchObject({ message: 'enough' });
    expect(await run('break')).toBe('done');
  });

  it('stops threads that are stuck, or were never to start', async () => {
    expect(await run('stuck')).toMatchObject({ name: 'TimeoutError' });
    expect(await run('silent')).toMatchObject({ name: 'TimeoutError' });
    expect(await run('aborted')).toMatchObject({ name: 'AbortError' });
  });

  it('passes on what a thread throws before its first sample', async () => {
    const error = (await run('broken')) as { name: string; message: string; stack: string };
    expect(error).toMatchObject({ name: 'TypeError', message: expect.stringContaining('no data in this thread') });
    expect(error.stack).toContain('brokenInWorker');
  });

  it('goes on from a checkpoint with the very same losses', async () => {
    const results = (await run('resume')) as [number[], number[]][];
    expect(results.map(([whole]) => whole.length)).toEqual([17, 12, 3]);
    for (const [whole, resumed] of results) {
      expect(new Set(whole).size).toBe(whole.length);
      expect(resumed).toEqual(whole);
    }
  }, 200_000);

  it('refuses what cannot go to a thread', () => {
    class Mine extends ng.data.Dataset<number> {
      override get length(): number {
        return 2;
      }
      override getItem(i: number): number {
        return i;
      }
    }
    expect(() => new ng.data.DataLoader(new Mine(), { numWorkers: 1 })).toThrow(/Mine object cannot go to a worker/);
    const loader = new ng.data.DataLoader(new ng.data.TensorDataset(ng.ones(2)), { numWorkers: 1 });
    expect(() => [...loader]).toThrow(/for await/);
  });
});

describe('toMessage and fromMessage', () => {
  it('keep values, dtypes and names', () => {
    const state = new Map([
      ['weight', ng.tensor([1.5, 2])],
      ['steps', ng.tensor(3)],
    ]);
    const { data, transfer } = ng.toMessage({ state, epoch: 4, names: ['a'] });
    const back = ng.fromMessage(structuredClone(data, { transfer })) as {
      state: Map<string, ng.Tensor>;
      epoch: number;
    };
    expect(back.epoch).toBe(4);
    expect(back.state.get('weight')!.tolist()).toEqual([1.5, 2]);
    expect(back.state.get('steps')!.dtype).toBe('int64');
    expect(state.get('weight')!.tolist()).toEqual([1.5, 2]);
  });

  it('hand memory over only when asked, and only whole', () => {
    const x = ng.ones(20000);
    const part = ng.ones(20000).narrow(0, 0, 10);
    const { data, transfer } = ng.toMessage([x, part], { move: true });
    const [y] = ng.fromMessage(structuredClone(data, { transfer })) as ng.Tensor[];
    expect(y!.sum().item()).toBe(20000);
    // Memory on loan from the native pool is copied.
    if (ng.backend.name === 'native') expect(x.sum().item()).toBe(20000);
    else expect(() => x.tolist()).toThrow(/detached/);
    expect(part.tolist()).toEqual(new Array(10).fill(1));
  });
});
