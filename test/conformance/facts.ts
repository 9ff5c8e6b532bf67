// facts: type promotion, dtype inference, limits, broadcasting.
import type { CaseBase } from '../vectors/reader.mjs';
import { compareTensor, EXACT, isClose, sameShape } from './compare.js';
import { Absent, type AnyTensor, call, callMethod, find, flatten, isTensor, tensorHas } from './library.js';
import { Report } from './outcome.js';
import { Arguments } from './values.js';

type Result = string | readonly string[] | { readonly error: string };

export interface FactCase extends CaseBase {
  readonly type: string;
  readonly op?: string;
  readonly a?: string;
  readonly result?: Readonly<Record<string, Result>> | readonly number[] | boolean | { readonly error: string };
  readonly withTensor?: Readonly<Record<string, Result>>;
  readonly withScalar?: Readonly<Record<string, Result>>;
  readonly withZeroDim?: Readonly<Record<string, Result>>;
  readonly value?: unknown;
  readonly dtype?: string;
  readonly shape?: readonly number[];
  readonly shapes?: readonly (readonly number[])[];
  readonly out?: { readonly $t: number };
  readonly from?: string;
  readonly to?: string;
}

export function run(c: FactCase): Report {
  const report = new Report();
  report.attempt('throws', () => CHECKS[c.type]!(c, report));
  return report;
}

const CHECKS: Readonly<Record<string, (c: FactCase, report: Report) => void>> = {
  promoteTypes: (c, report) =>
    expectEach(report, 'dtype', c.result as Record<string, Result>, (b) => call('promote_types', c.a, b)),
  binaryDtype: checkBinary,
  inplaceDtype: checkBinary,
  unaryDtype: checkUnary,
  inferDtype: checkTensor,
  tensorDtype: checkTensor,
  finfo: checkLimits,
  iinfo: checkLimits,
  broadcastShapes: checkBroadcast,
  canCast: (c, report) => {
    const actual = call('can_cast', c.from, c.to);
    if (actual !== c.result) report.add('value', `${actual}, expected ${c.result}`);
  },
};

const FORM = /^[\w.]+: \S/;

/** Compares what `body` gives for each key with the dtype (or error) PyTorch has there. */
function expectEach(
  report: Report,
  part: string,
  table: Readonly<Record<string, Result>>,
  body: (key: string) => unknown,
): void {
  for (const [key, expected] of Object.entries(table)) expectOne(report, part, key, expected, () => body(key));
}

function expectOne(report: Report, part: string, where: string, expected: Result, body: () => unknown): void {
  const wantsError = typeof expected === 'object' && 'error' in expected;
  let actual: unknown;
  try {
    const value = body();
    const dtypes = flatten(value).map((item) => (isTensor(item) ? item.dtype : String(item)));
    // Of several results (sort's values and indices) the facts have the first one's.
    actual = typeof expected === 'string' ? dtypes[0] : dtypes.join(', ');
  } catch (error) {
    if (error instanceof Absent) throw error;
    const { message } = error as Error;
    if (!wantsError) report.add(part, `${where}: threw ${message.split('\n')[0]}`);
    else if (!FORM.test(message)) report.add('message', `${where}: ${message}`);
    return;
  }
  if (wantsError) report.add(part, `${where}: ${actual}, expected an error: ${(expected as { error: string }).error}`);
  else if (actual !== [expected].flat().join(', '))
    report.add(part, `${where}: ${actual}, expected ${String(expected)}`);
}

const SCALARS: Readonly<Record<string, unknown>> = { bool: true, int: 2, float: 2.5 };

const ones = (shape: readonly number[], dtype: string): AnyTensor => call('ones', shape, { dtype }) as AnyTensor;

function checkBinary(c: FactCase, report: Report): void {
  const op = c.op!;
  const isInplace = c.type === 'inplaceDtype';
  const isThere = isInplace ? tensorHas(op) : typeof find(op) === 'function';
  if (!isThere) {
    report.absent(op);
    return;
  }
  const apply = (other: unknown): unknown => {
    const x = ones([2], c.a!);
    if (isInplace) return callMethod(x, op, other);
    return op === 'where' ? call('where', call('tensor', [true, false]), x, other) : call(op, x, other);
  };
  expectEach(report, 'tensor', c.withTensor ?? {}, (dtype) => apply(ones([2], dtype)));
  expectEach(report, 'scalar', c.withScalar ?? {}, (kind) => apply(SCALARS[kind]));
  expectEach(report, 'zero-dim', c.withZeroDim ?? {}, (dtype) => apply(ones([], dtype)));
}

/** Arguments beside the tensor. */
const UNARY_ARGUMENTS: Readonly<Record<string, readonly unknown[]>> = {
  cumsum: [0],
  cumprod: [0],
  softmax: [0],
  logsumexp: [0],
  full_like: [2],
};

function checkUnary(c: FactCase, report: Report): void {
  const op = c.op!;
  if (typeof find(op) !== 'function' && !tensorHas(op)) {
    report.absent(op);
    return;
  }
  expectEach(report, 'dtype', c.result as Record<string, Result>, (dtype) => {
    const x = ones([2], dtype);
    const rest = UNARY_ARGUMENTS[op] ?? [];
    return typeof find(op) === 'function' ? call(op, x, ...rest) : callMethod(x, op, ...rest);
  });
}

function checkTensor(c: FactCase, report: Report): void {
  const args = new Arguments(c, { markFloats: true });
  const value = args.decode(c.value);
  const tensor = call('tensor', value, ...(c.type === 'tensorDtype' ? [{ dtype: c.dtype }] : [])) as AnyTensor;
  if (tensor.dtype !== c.dtype) report.add('dtype', `${tensor.dtype}, expected ${c.dtype}`);
  if (c.shape && !sameShape(tensor.shape, c.shape)) report.add('shape', `[${tensor.shape}], expected [${c.shape}]`);
  if (c.out) {
    for (const [part, message] of compareTensor(tensor, c.arrays[c.out.$t]!, EXACT)) report.add(part, message);
  }
}

function checkLimits(c: FactCase, report: Report): void {
  const info = call(c.type, c.dtype) as Record<string, unknown>;
  for (const key of ['bits', 'eps', 'max', 'min', 'tiny', 'resolution']) {
    const encoded = (c as unknown as Record<string, unknown>)[key];
    if (encoded === undefined) continue;
    const expected = new Arguments(c).decode(encoded);
    const actual = info[key];
    const same = typeof expected === 'bigint' ? actual === expected : isClose(Number(actual), Number(expected), EXACT);
    if (!same) report.add('value', `${key} is ${String(actual)}, expected ${String(expected)}`);
  }
}

function checkBroadcast(c: FactCase, report: Report): void {
  const expected = c.result as readonly number[] | { readonly error: string };
  if ('error' in expected) {
    expectOne(report, 'raises', 'shapes', expected, () => call('broadcast_shapes', ...c.shapes!));
    return;
  }
  const actual = call('broadcast_shapes', ...c.shapes!) as readonly number[];
  if (!sameShape(actual, expected)) report.add('value', `[${actual}], expected [${expected}]`);
}
