/** Numbers in steps, and the identity matrix. */
import { kernels } from '../backends/index.js';
import { checkDevice } from '../device.js';
import { DTYPES, type DType, type DTypeInfo, int64 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { checkOptions, isOptions, named } from '../ops/options.js';
import { defaultDType, dtypeOf, isScalar, type Scalar, scalarDType, scalarNumber } from '../promotion.js';
import { checkSizes, describe, type Shape } from '../shape.js';
import { allocate } from '../storage.js';
import { Tensor, type TensorOptions } from '../tensor.js';

/** A new tensor of `info`, its elements from `at`: computed in float64, whole for integers (towards zero). */
function sequence(
  op: string,
  n: number,
  info: DTypeInfo,
  options: TensorOptions,
  at: (i: number) => number | bigint,
): Tensor {
  return made(op, n, info, options, (tensor) => {
    const { storage, dtypeInfo } = tensor;
    const view = storage.view(dtypeInfo, 0, n);
    if (dtypeInfo === int64) {
      for (let i = 0; i < n; i++) {
        const value = at(i);
        view[i] = typeof value === 'bigint' ? value : BigInt(Math.trunc(value));
      }
    } else if (dtypeInfo.isComplex) {
      for (let i = 0; i < n; i++) {
        view[2 * i] = Number(at(i));
        view[2 * i + 1] = 0;
      }
    } else for (let i = 0; i < n; i++) view[i] = dtypeInfo.isFloat ? Number(at(i)) : Math.trunc(Number(at(i)));
  });
}

/** A new tensor that `fill` writes; one of half precision is written in float32. */
function made(op: string, n: number, info: DTypeInfo, options: TensorOptions, fill: (out: Tensor) => void): Tensor {
  checkDevice(op, options.device);
  checkSizes(op, [n]);
  const isHalf = info.isFloat && info.size === 2;
  const wide = new Tensor(allocate(n * (isHalf ? 4 : info.size)), 0, [n], null, isHalf ? DTYPES.float32 : info);
  fill(wide);
  const out = isHalf ? wide.to(info.name) : wide;
  return options.requiresGrad ? out.requiresGrad_() : out;
}

/** A new tensor of numbers origin, origin + step … */
function steady(op: string, n: number, info: DTypeInfo, options: TensorOptions, origin: number, step: number): Tensor {
  if (info.isComplex) return sequence(op, n, info, options, (i) => origin + step * i);
  return made(op, n, info, options, (out) => kernels.sequence(out, origin, step, 0));
}

function infoOf(op: string, dtype: DType | null | undefined, fallback: DTypeInfo): DTypeInfo {
  return dtype === null || dtype === undefined ? fallback : dtypeOf(op, dtype);
}

interface RangeOptions extends TensorOptions {
  start?: Scalar;
  end?: Scalar;
  step?: Scalar;
}

const RANGE = ['start', 'end', 'step', 'dtype', 'device', 'requiresGrad', 'layout', 'pinMemory'] as const;

/**
 * Numbers start, start + step, … below end; whole arguments give int64.
 * https://pytorch.org/docs/stable/generated/torch.arange.html
 * @example arange(5); arange(1, 2.5, 0.5); arange(0, 10, { dtype: 'float32' })
 */
export function arange(...args: (Scalar | RangeOptions)[]): Tensor {
  const last = args[args.length - 1];
  const options = (isOptions(last) ? last : {}) as RangeOptions;
  checkOptions('arange', RANGE, options);
  const given = args.filter(isScalar);
  const start = options.start ?? (given.length > 1 ? given[0]! : 0);
  const end = options.end ?? (given.length > 1 ? given[1] : given[0]);
  const step = options.step ?? given[2] ?? 1;
  if (end === undefined) throw typeError('arange: the end is missing; give arange(end) or arange(start, end).');
  // arange(start, { end }) has its start by position.
  const first = options.end !== undefined && given.length === 1 ? given[0]! : start;
  const from = scalarNumber(first);
  const to = scalarNumber(end);
  const by = scalarNumber(step);
  if (by === 0) throw rangeError('arange: step must be nonzero.');
  if (!Number.isFinite(from) || !Number.isFinite(to) || !Number.isFinite(by))
    throw rangeError(`arange: unsupported range: ${from} -> ${to} (step ${by}).`);
  if ((by > 0 && from > to) || (by < 0 && from < to)) {
    throw rangeError(`arange: upper bound and larger bound inconsistent with step sign (${from} to ${to} by ${by}).`);
  }
  const isFloat = scalarDType(first).category >= 2 || scalarDType(end).category >= 2 || scalarDType(step).category >= 2;
  const info = infoOf('arange', options.dtype, isFloat ? defaultDType() : int64);
  if (info.category === 0) throw typeError('arange: not implemented for bool; give another dtype.');
  const exact = !isFloat && (typeof first === 'bigint' || typeof end === 'bigint' || typeof step === 'bigint');
  if (exact) {
    const [a, b, c] = [BigInt(first as number), BigInt(end as number), BigInt(step as number)];
    const n = (b - a + c - (c > 0n ? 1n : -1n)) / c;
    return sequence('arange', Number(n), info, options, (i) =>
      info === int64 ? a + BigInt(i) * c : Number(a + BigInt(i) * c),
    );
  }
  // Integers count in whole steps; but only int64 also ends by the whole numbers.
  if (info.category === 1) {
    const [a, b, c] = [Math.trunc(from), Math.trunc(to), Math.trunc(by)];
    const n = info === int64 && c !== 0 ? Math.ceil((b - a) / c) : Math.ceil((to - from) / by);
    return steady('arange', Math.max(n, 0), info, options, a, c);
  }
  return steady('arange', Math.ceil((to - from) / by), info, options, from, by);
}

/** See {@link arange}; includes the end. PyTorch keeps it for old programs. */
export const range = named(
  'range',
  ['start', 'end', 'step', 'dtype', 'requiresGrad', 'device'],
  (
    start: Scalar,
    end: Scalar,
    step: Scalar = 1,
    dtype?: DType | null,
    requiresGrad: boolean = false,
    device?: TensorOptions['device'],
  ): Tensor => {
    const [from, to, by] = [scalarNumber(start), scalarNumber(end), scalarNumber(step)];
    if (by === 0) throw rangeError('range: step must be nonzero.');
    if ((by > 0 && from > to) || (by < 0 && from < to))
      throw rangeError(`range: upper bound and larger bound inconsistent with step sign (${from} to ${to} by ${by}).`);
    const n = Math.floor((to - from) / by) + 1;
    const info = infoOf('range', dtype, defaultDType());
    return steady('range', n, info, { requiresGrad, device: device ?? null }, from, by);
  },
);

function checkSteps(op: string, steps: number): void {
  if (typeof steps !== 'number' || !Number.isInteger(steps) || steps < 0)
    throw rangeError(`${op}: number of steps must be a whole number ≥ 0, but is ${describe(steps)}.`);
}

/** The i-th of `steps` numbers from start to end, from the nearer end, so that the last is end itself. */
function between(start: number, end: number, steps: number): (i: number) => number {
  const step = steps > 1 ? (end - start) / (steps - 1) : 0;
  const halfway = Math.floor(steps / 2);
  return (i) => (i < halfway ? start + step * i : end - step * (steps - 1 - i));
}

/**
 * The same for integers, as PyTorch counts them on x86: in vectors of 32 bytes, whose first number is made whole before
 * the steps are added to it.
 */
function wholeBetween(start: number, end: number, steps: number, size: number): (i: number) => number {
  const at = between(start, end, steps);
  const step = steps > 1 ? (end - start) / (steps - 1) : 0;
  const lanes = 32 / size;
  const tail = steps - (steps % lanes);
  return (i) => (i >= tail ? at(i) : Math.trunc(at(i - (i % lanes))) + step * (i % lanes));
}

/** A limit of a range of `info`: whole for integers. */
function limitOf(value: Scalar, info: DTypeInfo): number {
  return info.category < 2 ? Math.trunc(scalarNumber(value)) : scalarNumber(value);
}

const OPTIONS = ['dtype', 'requiresGrad', 'device', 'layout', 'pinMemory'] as const;

/**
 * `steps` numbers from start to end, both included, evenly apart; computed in float64.
 * https://pytorch.org/docs/stable/generated/torch.linspace.html
 */
export const linspace = named(
  'linspace',
  ['start', 'end', 'steps', ...OPTIONS],
  (
    start: Scalar,
    end: Scalar,
    steps: number,
    dtype?: DType | null,
    requiresGrad: boolean = false,
    device?: TensorOptions['device'],
  ): Tensor => {
    checkSteps('linspace', steps);
    const info = infoOf('linspace', dtype, defaultDType());
    const [from, to] = [limitOf(start, info), limitOf(end, info)];
    const options: TensorOptions = { requiresGrad, device: device ?? null };
    if (steps < 2) return steady('linspace', steps, info, options, from, 0);
    if (info.category < 2) return sequence('linspace', steps, info, options, wholeBetween(from, to, steps, info.size));
    if (info.isComplex) return sequence('linspace', steps, info, options, between(from, to, steps));
    return made('linspace', steps, info, options, (out) => {
      // From the nearer end, as `between`.
      const step = (to - from) / (steps - 1);
      const halfway = Math.floor(steps / 2);
      kernels.sequence(out.makeAlias([halfway], [1], 0), from, step, 0);
      kernels.sequence(out.makeAlias([steps - halfway], [1], halfway), to, step, halfway - (steps - 1));
    });
  },
);

/**
 * `steps` powers of `base`, the exponents evenly from start to end; computed in float64.
 * https://pytorch.org/docs/stable/generated/torch.logspace.html
 */
export const logspace = named(
  'logspace',
  ['start', 'end', 'steps', 'base', ...OPTIONS],
  (
    start: Scalar,
    end: Scalar,
    steps: number,
    base: Scalar = 10,
    dtype?: DType | null,
    requiresGrad: boolean = false,
    device?: TensorOptions['device'],
  ): Tensor => {
    checkSteps('logspace', steps);
    const info = infoOf('logspace', dtype, defaultDType());
    const from = limitOf(start, info);
    const at = between(from, limitOf(end, info), steps);
    const power = scalarNumber(base);
    return sequence(
      'logspace',
      steps,
      info,
      { requiresGrad, device: device ?? null },
      (i) => power ** (steps === 1 ? from : at(i)),
    );
  },
);

/**
 * The identity matrix of n rows, of m columns where given.
 * https://pytorch.org/docs/stable/generated/torch.eye.html
 */
export const eye = named(
  'eye',
  ['n', 'm', ...OPTIONS],
  (
    n: number,
    m?: number | null,
    dtype?: DType | null,
    requiresGrad: boolean = false,
    device?: TensorOptions['device'],
  ): Tensor => {
    checkDevice('eye', device);
    const shape: Shape = [n, m ?? n];
    checkSizes('eye', shape);
    const info = infoOf('eye', dtype, defaultDType());
    const x = new Tensor(allocate(n * (m ?? n) * info.size), 0, shape, null, info);
    x.fillWith(0);
    x.makeAlias([Math.min(n, m ?? n)], [(m ?? n) + 1], 0).fillWith(1);
    return requiresGrad ? x.requiresGrad_() : x;
  },
);
