// Runs a kernel on both backends with the same operands and compares every byte it may have written.
import type { Kernels } from '../../src/backends/call.js';
import { DTYPES, type DType } from '../../src/dtype.js';
import { contract, type KernelName, type KernelSpec } from '../../src/kernels.js';
import { bufferDifference } from './compare.js';
import type { DenseRule } from './dense.js';
import {
  contiguous,
  edgesOf,
  instantiate,
  type Layout,
  makeSpec,
  type OperandSpec,
  randomFrom,
  SIZES,
  type Values,
} from './operands.js';
import { ALL, type StridedRule } from './rules.js';

type AnyKernel = (...args: unknown[]) => void;

export interface Backends {
  readonly native: Kernels;
  readonly wasm: Kernels;
}

const specOf = (name: KernelName): KernelSpec => contract[name];
const isWritten = (operand: string): boolean => /^(in)?out\b/.test(operand);

interface Invocation {
  readonly operands: readonly (OperandSpec | null)[];
  readonly numbers: readonly number[];
}

/** What a backend left in the operands it writes, or what it threw. */
function runOn(kernels: Kernels, name: KernelName, { operands, numbers }: Invocation): (ArrayBuffer | null)[] | Error {
  const instances = operands.map((spec) => (spec === null ? null : instantiate(spec)));
  try {
    (kernels[name] as AnyKernel)(...instances, ...numbers);
  } catch (error) {
    return error as Error;
  }
  return instances.map((instance) => instance?.buffer ?? null);
}

const isUnsupported = (result: unknown): boolean =>
  result instanceof TypeError && (result as { code?: string }).code === 'ERR_NODEGRAD_DTYPE';

/** The difference in words, null for none, or `unsupported` if native does not take these dtypes. */
function compareOne(
  backends: Backends,
  name: KernelName,
  call: Invocation,
  ulps: number,
): string | null | 'unsupported' {
  const native = runOn(backends.native, name, call);
  if (isUnsupported(native)) return 'unsupported';
  const wasm = runOn(backends.wasm, name, call);
  if (native instanceof Error || wasm instanceof Error) {
    const [a, b] = [native, wasm].map((result) => (result instanceof Error ? result.message : 'no error'));
    return a === b ? null : `native: ${a}; wasm: ${b}`;
  }
  for (const [i, operand] of specOf(name).operands.entries()) {
    const spec = call.operands[i];
    // What a kernel leaves in its work space is nobody's business.
    if (spec === null || spec === undefined || operand === 'inout work') continue;
    // An operand that is only read must come back as it was, from either.
    const bound = isWritten(operand) ? ulps : 0;
    const reference = isWritten(operand) ? native[i]! : (spec.bytes.buffer as ArrayBuffer);
    for (const result of isWritten(operand) ? [wasm[i]!] : [native[i]!, wasm[i]!]) {
      const difference = bufferDifference(reference, result, spec.dtype, bound);
      if (difference !== null) return `${operand}, ${difference}`;
    }
  }
  return null;
}

/** The dtypes to try on a strided kernel that has no list: all operands alike. */
const candidates = (count: number): DType[][] => ALL.map((dtype) => Array.from({ length: count }, () => dtype));

/** Layouts of k operands over one index space: whole, unaligned, transposed, broadcast, with gaps. */
function* layouts(k: number): Iterable<readonly [string, readonly Layout[]]> {
  const all = (layout: (i: number) => Layout): Layout[] => Array.from({ length: k }, (_, i) => layout(i));
  for (const n of SIZES) yield [`[${n}]`, all(() => contiguous([n]))];
  for (const n of [0, 1, 3, 7, 8, 9, 17, 33, 65]) {
    const gaps = (i: number): Layout => ({ shape: [n], strides: [i + 1], offset: 1 });
    const one = (i: number): Layout =>
      i === 0 ? contiguous([n]) : { shape: [n], strides: [i === 1 ? 1 : 0], offset: 0 };
    yield [`[${n}] unaligned`, all((i) => contiguous([n], i + 1))];
    yield [`[${n}] with gaps`, all(gaps)];
    if (k > 1) yield [`[${n}] by one`, all(one)];
  }
  const shape = [5, 9];
  yield ['transposed inputs', all((i) => (i === 0 ? contiguous(shape) : { shape, strides: [1, 5], offset: 0 }))];
  yield ['transposed output', all((i) => (i === 0 ? { shape, strides: [1, 5], offset: 2 } : contiguous(shape)))];
  yield ['row', all((i) => (i === 0 ? contiguous(shape) : { shape, strides: i === 1 ? [0, 1] : [1, 0], offset: 0 }))];
  const deep = [2, 3, 1, 7];
  yield [
    'four dimensions',
    all((i) => (i === 0 ? contiguous(deep) : { shape: deep, strides: [1, 14, 9, 2], offset: i })),
  ];
  yield ['no dimension', all(() => contiguous([]))];
}

const MAX_FAILURES = 5;
const LARGE = 70_001;

/** Differences of a strided kernel, in words. */
export function checkStrided(backends: Backends, name: KernelName, rule: StridedRule): string[] {
  const spec = specOf(name);
  const k = spec.operands.length;
  const failures: string[] = [];
  let supported = 0;
  for (const dtypes of rule.dtypes ?? candidates(k)) {
    for (const numbers of rule.scalars ?? [[]]) {
      const result = checkDtypes(backends, name, rule, dtypes, numbers);
      if (result === 'unsupported') continue;
      supported++;
      failures.push(...result.map((text) => `${name}(${dtypes.join(', ')}; ${numbers.join(', ')}) ${text}`));
      if (failures.length >= MAX_FAILURES) return failures;
    }
  }
  if (supported === 0)
    failures.push(`${name} takes none of the dtypes tried; give it a rule with its dtypes in test/agreement/rules.ts`);
  return failures;
}

function checkDtypes(
  backends: Backends,
  name: KernelName,
  rule: StridedRule,
  dtypes: readonly DType[],
  numbers: readonly number[],
): string[] | 'unsupported' {
  const random = randomFrom(name.length + dtypes.join().length);
  const failures: string[] = [];
  const kinds: Values[] = rule.withoutEdges === undefined ? [rule.values ?? 'any', 'edge'] : [rule.values ?? 'any'];
  for (const [label, places] of layouts(dtypes.length)) {
    for (const values of kinds) {
      const operands = places.map((layout, i) => makeSpec(dtypes[i]!, layout, values, random));
      const difference = compareOne(backends, name, { operands, numbers }, rule.ulps ?? 0);
      if (difference === 'unsupported') return difference;
      if (difference !== null) failures.push(`${label}, ${String(values)}: ${difference}`);
      if (failures.length >= MAX_FAILURES) return failures;
    }
  }
  // Large enough for the native kernels to use their threads.
  if (dtypes.some((dtype) => dtype === 'float32' || dtype === 'int64')) {
    const operands = dtypes.map((dtype) =>
      makeSpec(dtype, contiguous([LARGE]), Array.isArray(rule.values) ? rule.values : 'whole', random),
    );
    const difference = compareOne(backends, name, { operands, numbers }, rule.ulps ?? 0);
    if (difference !== null) failures.push(`[${LARGE}]: ${difference}`);
  }
  if (rule.withoutEdges === undefined) failures.push(...checkEdges(backends, name, rule, dtypes, numbers));
  return failures;
}

/** Every pair of edge values, for kernels of one and two inputs. */
function checkEdges(
  backends: Backends,
  name: KernelName,
  rule: StridedRule,
  dtypes: readonly DType[],
  numbers: readonly number[],
): string[] {
  const inputs = dtypes.slice(1);
  if (inputs.length < 1 || inputs.length > 2 || inputs.includes('complex64')) return [];
  const first = edgesOf(inputs[0]!);
  const second = inputs.length === 2 ? edgesOf(inputs[1]!) : [0];
  const n = first.length * second.length;
  const columns = [
    Array.from({ length: n }, (_, i) => first[Math.floor(i / second.length)]!),
    Array.from({ length: n }, (_, i) => second[i % second.length]!),
  ];
  const operands = dtypes.map((dtype, i) => {
    const spec = makeSpec(dtype, contiguous([n]), 'whole', () => 0.5);
    const info = DTYPES[dtype];
    if (i > 0) {
      const data = new info.array(spec.bytes.buffer as ArrayBuffer, 0, n);
      for (const [j, value] of columns[i - 1]!.entries()) data[j] = value as never;
    }
    return spec;
  });
  const difference = compareOne(backends, name, { operands, numbers }, rule.ulps ?? 0);
  return difference === null ? [] : [`edge values: ${difference}`];
}

/** Differences of a dense kernel, in words. */
export function checkDense(backends: Backends, name: KernelName, rule: DenseRule): string[] {
  const random = randomFrom(name.length);
  const failures: string[] = [];
  let count = 0;
  for (const { operands, ints, scalars = [], ulps = 0 } of rule.cases()) {
    count++;
    const specs = operands.map((operand) =>
      operand === null ? null : makeSpec(operand.dtype, contiguous([operand.length]), operand.values ?? 'any', random),
    );
    const difference = compareOne(backends, name, { operands: specs, numbers: [...ints, ...scalars] }, ulps);
    if (difference !== null)
      failures.push(`${name}(${operands[0]?.dtype}; ${ints.join(', ')}; ${scalars.join(', ')}): ${difference}`);
    if (failures.length >= MAX_FAILURES) break;
  }
  if (count === 0) failures.push(`${name}: its rule has no cases`);
  return failures;
}
