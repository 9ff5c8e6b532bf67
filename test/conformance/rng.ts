// rng: random streams, bit for bit. A stream passes when it equals `scalar` where that is given, else `out`; where bits
// cannot be had it may differ by the case's maxRelDiff of the largest value, and is counted apart.
import type { CaseBase, Tolerance, VectorArray } from '../vectors/reader.mjs';
import { compareData, compareTensor, EXACT, isClose, sameShape } from './compare.js';
import { type AnyTensor, call, callMethod, camel, find, flatten, isTensor, lookup } from './library.js';
import type { AnyModule } from './modules.js';
import { Report } from './outcome.js';
import { callStream } from './streams.js';
import { Arguments } from './values.js';

export interface RngCase extends CaseBase {
  readonly type: 'stream' | 'raw' | 'bounds' | 'collate';
  readonly call?: string;
  readonly seed?: number;
  readonly out?: unknown;
  readonly scalar?: readonly number[];
  readonly maxRelDiff?: number;
  readonly params?: readonly string[];
  readonly shape?: readonly number[];
  readonly gains?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly leakyReluGain?: Readonly<Record<string, number>>;
  readonly fanIn?: number;
  readonly fanOut?: number;
  readonly input?: unknown;
}

export function run(c: RngCase): Report {
  const report = new Report();
  report.attempt('throws', () => {
    if (c.type === 'collate') checkCollate(c, report);
    else if (c.type === 'bounds') checkBounds(c, report);
    else checkStream(c, report);
  });
  return report;
}

/** The tensors a call gave: parameters of a module by name, batches of a loader, a result or several. */
function results(value: unknown, c: RngCase): AnyTensor[] {
  if (c.params !== undefined && typeof value === 'function') {
    const parameters = new Map((value as AnyModule).namedParameters());
    return c.params.map((name) => parameters.get(name)!);
  }
  return flatten(value).filter(isTensor);
}

function checkStream(c: RngCase, report: Report): void {
  call('manual_seed', c.seed);
  const value =
    c.type === 'raw'
      ? callMethod(call('empty', [700], { dtype: 'int64' }), 'random_', 0, 2 ** 31)
      : callStream(c.call!, c.seed!);
  const actual = results(value, c);
  const expected = (c.out as number[]).map((index) => c.arrays[index]!);
  const preferred = c.scalar?.map((index) => c.arrays[index]!) ?? expected;
  if (actual.length !== expected.length) {
    report.add('value', `${actual.length} tensors, expected ${expected.length}`);
    return;
  }
  actual.forEach((tensor, i) => {
    const where = expected.length > 1 ? `${c.params?.[i] ?? i}: ` : '';
    const differences = compareTensor(tensor, preferred[i]!, EXACT);
    if (differences.length === 0) return;
    for (const [part, message] of differences) {
      if (part !== 'value') report.add(part, where + message);
      else if (!isNear(tensor, expected[i]!, c.maxRelDiff ?? afterwards(c))) report.add('value', where + message);
      else report.note(`${where}within maxRelDiff, not bit for bit`);
    }
  });
}

/** gumbel_softmax puts its draws through log and exp, whose last bit is nobody's promise. */
function afterwards(c: RngCase): number | undefined {
  return c.call?.startsWith('gumbel_softmax') ? 2 ** -22 : undefined;
}

/** Within `relative` of the largest value everywhere. */
function isNear(tensor: AnyTensor, expected: VectorArray, relative: number | undefined): boolean {
  if (relative === undefined) return false;
  const values = Array.from(expected.data as Float32Array, Math.abs);
  const tolerance: Tolerance = [0, relative * Math.max(...values)];
  return compareData(tensor.toTypedArray(), expected.data, tolerance) === null;
}

function checkCollate(c: RngCase, report: Report): void {
  const args = new Arguments(c, { markFloats: true });
  const actual = call('data.default_collate', args.decode(c.input));
  compareCollated(actual, c.out, c, report, 'result');
}

function compareCollated(actual: unknown, expected: unknown, c: RngCase, report: Report, where: string): void {
  if (expected !== null && typeof expected === 'object' && '$t' in expected) {
    if (!isTensor(actual)) {
      report.add('value', `${where} is ${String(actual)}, expected a tensor`);
      return;
    }
    const array = c.arrays[(expected as { $t: number }).$t]!;
    for (const [part, message] of compareTensor(actual, array, EXACT)) report.add(part, `${where}: ${message}`);
  } else if (expected !== null && typeof expected === 'object') {
    for (const [key, value] of Object.entries(expected)) {
      compareCollated(lookup(actual, key), value, c, report, `${where}.${key}`);
    }
  } else if (actual !== expected) report.add('value', `${where} is ${String(actual)}, expected ${String(expected)}`);
}

const CLOSE: Tolerance = [1e-12, 0];

/** Gains and what the initialisers draw from: bounds are looked at through the largest value that can come out. */
function checkBounds(c: RngCase, report: Report): void {
  for (const [nonlinearity, expected] of Object.entries(c.gains!)) {
    const gain = call('nn.init.calculate_gain', nonlinearity) as number;
    if (!isClose(gain, expected.gain!, CLOSE))
      report.add('gain', `${nonlinearity}: ${gain}, expected ${expected.gain}`);
  }
  for (const [slope, expected] of Object.entries(c.leakyReluGain!)) {
    const gain = call('nn.init.calculate_gain', 'leaky_relu', Number(slope)) as number;
    if (!isClose(gain, expected, CLOSE)) report.add('gain', `leaky_relu ${slope}: ${gain}, expected ${expected}`);
  }
  for (const [nonlinearity, expected] of Object.entries(c.gains!)) checkInitialisers(c, report, nonlinearity, expected);
}

/** The same stream, scaled: `kaiming_uniform_` with bound b is `uniform_(-b, b)`, `kaiming_normal_` is `normal_(0, std)`. */
function checkInitialisers(
  c: RngCase,
  report: Report,
  nonlinearity: string,
  expected: Readonly<Record<string, number>>,
): void {
  const { gain } = expected;
  const forms: [name: string, key: string, options: object][] = [
    ['xavier_uniform_', 'xavierUniformBound', { gain }],
    ['xavier_normal_', 'xavierNormalStd', { gain }],
    ['kaiming_uniform_', 'kaimingUniformBoundFanIn', { mode: 'fan_in', nonlinearity }],
    ['kaiming_normal_', 'kaimingNormalStdFanIn', { mode: 'fan_in', nonlinearity }],
    ['kaiming_uniform_', 'kaimingUniformBoundFanOut', { mode: 'fan_out', nonlinearity }],
    ['kaiming_normal_', 'kaimingNormalStdFanOut', { mode: 'fan_out', nonlinearity }],
  ];
  for (const [name, key, options] of forms) {
    if (typeof find(`nn.init.${name}`) !== 'function') {
      report.absent(`nn.init.${name}`);
      return;
    }
    // PyTorch's own default slope for leaky_relu in kaiming_* is 0.
    const slope = nonlinearity === 'leaky_relu' && name.startsWith('kaiming') ? { a: 0.01 } : {};
    call('manual_seed', 1);
    const actual = call(`nn.init.${name}`, call('empty', c.shape), { ...options, ...slope }) as AnyTensor;
    call('manual_seed', 1);
    const value = expected[key]!;
    const reference = call('empty', c.shape) as AnyTensor;
    const drawn = name.includes('uniform')
      ? (callMethod(reference, 'uniform_', -value, value) as AnyTensor)
      : (callMethod(reference, 'normal_', 0, value) as AnyTensor);
    if (!sameShape(actual.shape, drawn.shape)) report.add('shape', `${name}: [${actual.shape}]`);
    const message = compareData(actual.toTypedArray(), drawn.toTypedArray(), [1e-6, 0]);
    if (message !== null) report.add('value', `${camel(name)}(${nonlinearity}): ${message}`);
  }
}
