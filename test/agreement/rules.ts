// How far native and WASM may be apart, kernel by kernel, and what each is run with.
//
// A strided kernel without an entry is run on every dtype that native takes, all operands alike; in all layouts, on
// random and edge values; both backends must give the same bits. An entry says which dtypes the contract promises,
// widens the bound, or gives scalars. A dense kernel always needs an entry (dense.ts): nobody can guess its sizes.
import type { DType } from '../../src/dtype.js';
import type { KernelName } from '../../src/kernels.js';
import { type DenseRule, denseRules } from './dense.js';
import { functionalRules } from './functional.js';
import { linearRules } from './linear.js';
import type { Values } from './operands.js';
import { recurrentRules } from './recurrent.js';
import { specialRules } from './special.js';

export interface StridedRule {
  /** Units in the last place that the two may differ by; 0, the same bits, if not given. */
  readonly ulps?: number;
  /** The operands' dtypes; if not given, one dtype for all, each that the kernel takes. */
  readonly dtypes?: readonly (readonly DType[])[];
  /** Sets of scalars to run with. */
  readonly scalars?: readonly (readonly number[])[];
  /** What to fill the operands with, beside `edge`. */
  readonly values?: Values;
  /** Why edge values are left out. */
  readonly withoutEdges?: string;
}

/** Several where dtypes or values need scalars or bounds of their own. */
export type Rule = StridedRule | readonly StridedRule[] | DenseRule;

export const FLOATS = ['float32', 'float64'] as const;
export const INTEGERS = ['int64', 'int32', 'int16', 'int8', 'uint8'] as const;
export const NUMBERS = [...FLOATS, ...INTEGERS] as const;
export const ALL = [...NUMBERS, 'bool'] as const;
export const EVERY = [...ALL, 'complex64'] as const;

/** k operands of one dtype, for each dtype. */
const alike = (dtypes: readonly DType[], k: number): DType[][] =>
  dtypes.map((dtype) => Array.from({ length: k }, () => dtype));
/** A bool output of k - 1 inputs of one dtype. */
const toBool = (dtypes: readonly DType[], k: number): DType[][] =>
  dtypes.map((dtype) => ['bool' as DType, ...Array.from({ length: k - 1 }, () => dtype)]);
/** Every pair of dtypes. */
const pairs = (dtypes: readonly DType[]): DType[][] => dtypes.flatMap((to) => dtypes.map((from) => [to, from]));

/** Elementary functions: float32 by polynomials, float64 by the mathematics library each side has. */
const elementary = (float32: number, float64: number, k = 2): StridedRule[] => [
  { dtypes: alike(['float32'], k), ulps: float32 },
  { dtypes: alike(['float64'], k), ulps: float64 },
];
/** Products that are added: native may fuse them, which rounds once less, so only sums that do not cancel compare. */
const fused = (k: number, scalars: readonly (readonly number[])[] = [[]]): StridedRule[] => [
  { dtypes: alike(FLOATS, k), scalars, values: 'special', ulps: 2, withoutEdges: 'sums of them cancel' },
  {
    dtypes: alike(FLOATS, k),
    scalars: scalars.filter(([value = 1]) => value > 0),
    values: 'positive',
    ulps: 2,
    withoutEdges: 'sums of them cancel',
  },
];
const exactFloats = (k: number): StridedRule => ({ dtypes: alike(FLOATS, k) });

/** Division of integers reports a zero and gives nothing to compare, so they are run without zeros too. */
const division: StridedRule[] = [
  { dtypes: alike(NUMBERS, 3) },
  { dtypes: alike(INTEGERS, 3), values: [7, 1, 3, 100, 2, 127, 5, 64], withoutEdges: 'they have zeros' },
  {
    dtypes: alike(['int64', 'int32', 'int16', 'int8'], 3),
    values: [-7, 3, -128, 5, -1, 2, 127, -64, 9],
    withoutEdges: 'they have zeros',
  },
];

const comparison = (dtypes: readonly DType[]): StridedRule => ({ dtypes: toBool(dtypes, 3) });
const question: StridedRule = { dtypes: toBool(EVERY, 2) };

export const rules: { readonly [name in KernelName]?: Rule } = {
  ...denseRules,
  ...functionalRules,
  ...linearRules,
  ...recurrentRules,
  ...specialRules,

  copy: { dtypes: pairs(EVERY) },
  fill: [
    {
      dtypes: alike(EVERY, 1),
      scalars: [
        [0, 0],
        [1, 0],
        [7, 0],
      ],
    },
    {
      dtypes: alike([...FLOATS, 'complex64'], 1),
      scalars: [
        [-2.5, 0],
        [Number.NaN, 0],
        [-Infinity, 0],
        [1e-45, 0],
      ],
    },
    {
      dtypes: [['int64']],
      scalars: [
        [2 ** 53, 1],
        [-(2 ** 62), -1],
      ],
    },
    { dtypes: [['complex64']], scalars: [[1.5, -2.5]] },
  ],
  add: { dtypes: alike(EVERY, 3) },
  sub: { dtypes: alike(EVERY, 3) },
  mul: [
    { dtypes: alike(ALL, 3) },
    {
      dtypes: alike(['complex64'], 3),
      values: 'whole',
      withoutEdges: 'differences of products lose any number of bits',
    },
  ],
  div: exactFloats(3),
  floorDivide: division,
  truncDivide: division,
  remainder: division,
  fmod: division,
  maximum: { dtypes: alike(ALL, 3) },
  minimum: { dtypes: alike(ALL, 3) },
  fmax: { dtypes: alike(ALL, 3) },
  fmin: { dtypes: alike(ALL, 3) },
  pow: [...elementary(1, 1, 3), { dtypes: alike(INTEGERS, 3) }],
  atan2: elementary(1, 2, 3),
  hypot: elementary(1, 1, 3),
  copysign: exactFloats(3),
  nextafter: exactFloats(3),
  eq: comparison(EVERY),
  ne: comparison(EVERY),
  lt: comparison(ALL),
  le: comparison(ALL),
  gt: comparison(ALL),
  ge: comparison(ALL),
  bitwiseNot: { dtypes: alike([...INTEGERS, 'bool'], 2) },
  bitwiseAnd: { dtypes: alike([...INTEGERS, 'bool'], 3) },
  bitwiseOr: { dtypes: alike([...INTEGERS, 'bool'], 3) },
  bitwiseXor: { dtypes: alike([...INTEGERS, 'bool'], 3) },
  bitwiseLeftShift: { dtypes: alike(INTEGERS, 3) },
  bitwiseRightShift: { dtypes: alike(INTEGERS, 3) },
  logicalNot: question,
  isnan: question,
  isinf: question,
  isfinite: question,
  neg: { dtypes: alike([...NUMBERS, 'complex64'], 2) },
  abs: [{ dtypes: alike(NUMBERS, 2) }, { dtypes: [['float32', 'complex64']], ulps: 1 }],
  sign: { dtypes: alike(ALL, 2) },
  square: { dtypes: alike(NUMBERS, 2) },
  cube: exactFloats(2),
  floor: exactFloats(2),
  ceil: exactFloats(2),
  trunc: exactFloats(2),
  round: exactFloats(2),
  frac: exactFloats(2),
  sqrt: exactFloats(2),
  rsqrt: elementary(1, 1),
  reciprocal: exactFloats(2),
  exp: elementary(2, 1),
  exp2: elementary(1, 1),
  expm1: elementary(1, 2),
  log: elementary(1, 1),
  log2: elementary(1, 1),
  log10: elementary(1, 2),
  log1p: elementary(1, 1),
  sin: elementary(1, 1),
  cos: elementary(1, 1),
  tan: elementary(1, 1),
  asin: elementary(1, 1),
  acos: elementary(1, 1),
  atan: elementary(1, 1),
  sinh: elementary(1, 2),
  cosh: elementary(1, 1),
  tanh: elementary(1, 2),
  asinh: elementary(1, 1),
  acosh: elementary(1, 1),
  atanh: elementary(1, 1),
  sigmoid: elementary(2, 1),
  erf: elementary(1, 1),
  erfc: elementary(1, 2),
  sinc: elementary(1, 4),
  logit: [
    { dtypes: alike(['float32'], 2), scalars: [[Number.NaN], [1e-6], [0.25]], ulps: 1 },
    { dtypes: alike(['float64'], 2), scalars: [[Number.NaN], [1e-6], [0.25]], ulps: 4 },
  ],
  nanToNum: {
    dtypes: alike(FLOATS, 2),
    scalars: [
      [0, 1e30, -1e30],
      [1.5, 7, -7],
    ],
  },
  logaddexp: elementary(1, 4, 3),
  logaddexp2: elementary(1, 4, 3),
  xlogy: elementary(1, 2, 3),
  heaviside: { dtypes: alike(ALL, 3) },
  gcd: { dtypes: alike(INTEGERS, 3) },
  lcm: { dtypes: alike(INTEGERS, 3) },
  where: { dtypes: EVERY.map((dtype) => [dtype, 'bool', dtype, dtype]) },
  addScaled: { dtypes: alike(FLOATS, 3), scalars: [[0.5], [-3]] },
  addcmul: [{ dtypes: alike(INTEGERS, 4), scalars: [[1], [-3]] }, ...fused(4, [[1], [-3]])],
  addcdiv: fused(4, [[1], [-0.3]]),
  lerp: fused(4),
  clamp: [
    // Of two zeros either may be the larger.
    { dtypes: alike(FLOATS, 2), scalars: [[0, 5]], ulps: 1 },
    { dtypes: alike(INTEGERS, 2), scalars: [[0, 5]] },
    {
      dtypes: alike(NUMBERS, 2),
      scalars: [
        [Number.NaN, 3],
        [2, Number.NaN],
        [5, 1],
      ],
    },
    {
      dtypes: alike(FLOATS, 2),
      scalars: [
        [-0.5, 0.3],
        [-Infinity, Infinity],
      ],
    },
  ],
  linearIndex: [
    { dtypes: [['int64', 'int64', 'int64']], scalars: [[5, 3]], values: [-5, 4, 0, -1, 2], withoutEdges: 'an index' },
    { dtypes: [['int64', 'int64', 'int64']], scalars: [[5, 3]], values: [1, 5], withoutEdges: 'an index too large' },
    { dtypes: [['int64', 'int64', 'int64']], scalars: [[5, 3]], values: [1, -6], withoutEdges: 'an index too small' },
  ],
};

export const isDense = (rule: Rule | undefined): rule is DenseRule => rule !== undefined && 'cases' in rule;

/** The rules of a strided kernel. */
export function stridedRules(name: KernelName): readonly StridedRule[] {
  const rule = rules[name];
  if (rule === undefined) return [{}];
  if (isDense(rule)) throw new Error(`${name} is strided; its rule in test/agreement/rules.ts is for a dense kernel`);
  return Array.isArray(rule) ? rule : [rule as StridedRule];
}
