import { noGrad } from '../../autograd/mode.js';
import { arange, fromTypedArray } from '../../creation.js';
import { matmul } from '../../ops/matmul.js';
import type { Tensor } from '../../tensor.js';
import * as models from './models.js';
import * as spec from './spec.js';

/** What a row runs: made ready, checked, then timed. */
export interface Case {
  /** One iteration. */
  run(): void;
  /** Why its values are wrong, or null. */
  check(): string | null;
  /** Iterations `run` stands for: a chain of 1000 ops is 1000. */
  readonly per?: number;
}

/** One line of the benchmark's table. */
export interface Row {
  readonly id: string;
  readonly unit: 'GFLOPS' | 'ms' | 'µs' | 'ns';
  /** Floating-point operations of one iteration, of a row in GFLOPS. */
  readonly flops?: number;
  make(): Case;
}

const close = (got: number, want: number, tolerance: number): boolean =>
  Math.abs(got - want) <= tolerance * (1 + Math.abs(want));

function differs(got: number, want: number, tolerance: number, what: string): string | null {
  return close(got, want, tolerance) ? null : `${what} is ${got}, not ${want}`;
}

const firstOf = (problems: readonly (string | null)[]): string | null =>
  problems.find((problem) => problem !== null) ?? null;

function gemmRow([m, k, n]: readonly [number, number, number]): Row {
  const size = m === n && n === k ? `${m}` : `${m}x${k}x${n}`;
  return {
    id: `W1 sgemm ${size}`,
    unit: 'GFLOPS',
    flops: 2 * m * n * k,
    make() {
      const [a, b] = [spec.uniform(1, m * k), spec.uniform(2, k * n)];
      const [x, y] = [fromTypedArray(a).reshape(m, k), fromTypedArray(b).reshape(k, n)];
      let out: Tensor | null = null;
      return {
        run: () => {
          out = matmul(x, y);
        },
        check: () =>
          firstOf(
            [
              [0, 0],
              [m - 1, n - 1],
              [m >> 1, n >> 1],
              [1, n - 2],
            ].map(([i, j]) => {
              let want = 0;
              for (let q = 0; q < k; q++) want += a[i! * k + q]! * b[q * n + j!]!;
              return differs(out!.elementAt(i! * n + j!) as number, want, 1e-3, `element [${i}, ${j}]`);
            }),
          ),
      };
    },
  };
}

const elementwise: Record<string, { op: (a: Tensor, b: Tensor) => Tensor; want: (a: number, b: number) => number }> = {
  add: { op: (a, b) => a.add(b), want: (a, b) => a + b },
  relu: { op: (a) => a.relu(), want: (a) => Math.max(a, 0) },
  exp: { op: (a) => a.exp(), want: (a) => Math.exp(a) },
};

function elementwiseRow(name: string, n: number, seed: number): Row {
  const isBig = n === spec.BIG;
  return {
    id: `W2 ${name} ${isBig ? '16M' : n}`,
    unit: isBig ? 'ms' : 'ns',
    make() {
      const [a, b] = [spec.uniform(seed, n), spec.uniform(seed + 1, n)];
      const [x, y] = [fromTypedArray(a), fromTypedArray(b)];
      let out: Tensor | null = null;
      if (name === 'sum') {
        const total = a.reduce((sum, value) => sum + value, 0);
        return {
          run: () => {
            out = x.sum();
          },
          check: () => (Math.abs(out!.item() - total) < 30 ? null : `the sum is ${out!.item()}, not ${total}`),
        };
      }
      const { op, want } = elementwise[name]!;
      return {
        run: () => {
          out = op(x, y);
        },
        check: () =>
          firstOf(
            [0, 499, n - 1].map((i) => differs(out!.elementAt(i) as number, want(a[i]!, b[i]!), 1e-4, `element ${i}`)),
          ),
      };
    },
  };
}

const softmaxRow: Row = {
  id: 'W2 softmax 4096x1024',
  unit: 'ms',
  make() {
    const x = fromTypedArray(spec.uniform(5, 4096 * 1024, 4)).reshape(4096, 1024);
    let out: Tensor | null = null;
    return {
      run: () => {
        out = x.softmax(1);
      },
      check: () => differs(out!.select(0, 5).sum().item(), 1, 1e-3, 'the sum of row 5'),
    };
  },
};

function chainRow(withGrad: boolean): Row {
  return {
    id: `W3 chain ${withGrad ? 'forward + backward' : 'no grad'}`,
    unit: 'ns',
    make() {
      const start = fromTypedArray(Float32Array.of(1, 2, 3, 4));
      const step = fromTypedArray(Float32Array.of(0.5, 0.25, 0.125, 0.0625));
      let result: Tensor | null = null;
      const chain = (x: Tensor): Tensor => {
        let y = x;
        for (let i = 0; i < spec.CHAIN; i++) y = y.add(step);
        return y;
      };
      return {
        per: spec.CHAIN,
        run: withGrad
          ? () => {
              const x = start.clone().requiresGrad_();
              chain(x).sum().backward();
              result = x.grad;
            }
          : () => {
              result = noGrad(() => chain(start));
            },
        check: () =>
          firstOf(
            (withGrad ? [1, 1, 1, 1] : [501, 252, 128, 66.5]).map((want, i) =>
              differs(result!.elementAt(i) as number, want, 1e-4, `element ${i}`),
            ),
          ),
      };
    },
  };
}

const seedRow: Row = {
  id: 'W4 seed program',
  unit: 'µs',
  make() {
    let grad: Tensor | null = null;
    return {
      run() {
        const x = arange(3, { dtype: 'float32', requiresGrad: true });
        const y = x.add(2).pow(2).add(3).mean();
        y.backward();
        grad = x.grad;
      },
      check: () =>
        firstOf([4 / 3, 2, 8 / 3].map((want, i) => differs(grad!.elementAt(i) as number, want, 1e-4, `x.grad[${i}]`))),
    };
  },
};

function trainingRow(
  id: string,
  unit: 'ms' | 'µs',
  make: () => models.Training,
  steps: number,
  loss: number,
  tolerance: number,
): Row {
  return {
    id,
    unit,
    make() {
      const training = make();
      for (let i = 0; i < steps - 1; i++) training.run();
      let seen: number | null = null;
      return {
        run() {
          training.run();
          // The first call here is the step whose loss is known.
          if (seen === null) seen = training.loss();
        },
        check: () => differs(seen!, loss, tolerance, `the loss of step ${steps}`),
      };
    },
  };
}

function inferenceRow(id: string, make: () => models.Training, first: readonly number[]): Row {
  return {
    id,
    unit: 'ms',
    make() {
      const training = make();
      let out: Tensor | null = null;
      return {
        run: () => {
          out = training.infer();
        },
        check: () => firstOf(first.map((want, i) => differs(out!.elementAt(i) as number, want, 1e-4, `logit ${i}`))),
      };
    },
  };
}

/** The workloads, W1 to W8. W9 is about memory: see {@link memoryRows}. */
export const rows: readonly Row[] = [
  ...spec.gemmSizes.map(gemmRow),
  ...['add', 'relu', 'exp', 'sum'].map((name) => elementwiseRow(name, spec.BIG, 3)),
  softmaxRow,
  ...['add', 'relu', 'exp', 'sum'].map((name) => elementwiseRow(name, 1000, 6)),
  chainRow(false),
  chainRow(true),
  seedRow,
  trainingRow('W5 XOR step', 'µs', models.xor, 100, 0.669819, 1e-5),
  trainingRow('W6 MLP step', 'ms', models.mlp, 20, 2.27867, 3e-4),
  inferenceRow('W6f MLP inference', models.mlp, [0.005126, 0.101987, -0.12916, -0.03744]),
  trainingRow('W7 CNN step', 'ms', models.cnn, 10, 2.28833, 3e-4),
  inferenceRow('W7f CNN inference', models.cnn, [0.090802, 0.060108, -0.101847, -0.010712]),
  trainingRow('W8 char-GPT step', 'ms', models.gpt, 10, 4.19118, 1e-3),
];

/** W9 and W9s: resident memory over many training steps, in MB. */
export interface MemoryResult {
  readonly start: number;
  readonly step500: number;
  readonly end: number;
  readonly peak: number;
  readonly steps: number;
}

const megabytes = (): number => process.memoryUsage().rss / 2 ** 20;

/** Runs W6 for many steps: synchronous ones, or with a turn of the event loop after each. */
export async function measureMemory(synchronous: boolean, seconds: number): Promise<MemoryResult> {
  const start = megabytes();
  const training = models.mlp();
  const total = synchronous ? 5000 : 2000;
  const deadline = performance.now() + seconds * 1000;
  let step500 = 0;
  let steps = 0;
  for (; steps < total && performance.now() < deadline; steps++) {
    training.run();
    if (steps === 500) step500 = megabytes();
    if (!synchronous) await new Promise((resolve) => setImmediate(resolve));
  }
  return { start, step500, end: megabytes(), peak: process.resourceUsage().maxRSS / 1024, steps };
}

export const memoryRows: readonly { id: string; synchronous: boolean }[] = [
  { id: 'W9 2000 steps, peak RSS', synchronous: false },
  { id: 'W9s 5000 synchronous steps, peak RSS', synchronous: true },
];
