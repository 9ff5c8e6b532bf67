import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';
import { type Body, checkGradients, type Input, LAYOUTS, makeInput } from './check.js';

type Unary = (x: ng.Tensor) => ng.Tensor;
type Interval = readonly [from: number, to: number];

const WIDE: Interval = [-2, 2];
const POSITIVE: Interval = [0.2, 3];
const INSIDE: Interval = [-0.9, 0.9];

/** Ops of one operand, and where they are smooth. */
const UNARY: Readonly<Record<string, readonly [op: Unary, domain: Interval]>> = {
  abs: [ng.abs, POSITIVE],
  acos: [ng.acos, INSIDE],
  acosh: [ng.acosh, [1.2, 4]],
  asin: [ng.asin, INSIDE],
  asinh: [ng.asinh, WIDE],
  atan: [ng.atan, WIDE],
  atanh: [ng.atanh, INSIDE],
  cos: [ng.cos, WIDE],
  cosh: [ng.cosh, WIDE],
  deg2rad: [ng.deg2rad, WIDE],
  erf: [ng.erf, WIDE],
  erfc: [ng.erfc, WIDE],
  erfinv: [ng.erfinv, INSIDE],
  exp: [ng.exp, WIDE],
  exp2: [ng.exp2, WIDE],
  expm1: [ng.expm1, WIDE],
  frac: [ng.frac, [0.1, 0.9]],
  log: [ng.log, POSITIVE],
  log10: [ng.log10, POSITIVE],
  log1p: [ng.log1p, INSIDE],
  log2: [ng.log2, POSITIVE],
  logit: [ng.logit, [0.1, 0.9]],
  'logit with eps': [(x) => ng.logit(x, 0.05), [0.1, 0.9]],
  nanToNum: [ng.nanToNum, WIDE],
  neg: [ng.neg, WIDE],
  rad2deg: [ng.rad2deg, WIDE],
  reciprocal: [ng.reciprocal, POSITIVE],
  rsqrt: [ng.rsqrt, POSITIVE],
  sigmoid: [ng.sigmoid, WIDE],
  sin: [ng.sin, WIDE],
  sinc: [ng.sinc, [0.1, 2]],
  sinh: [ng.sinh, WIDE],
  sqrt: [ng.sqrt, POSITIVE],
  square: [ng.square, WIDE],
  tan: [ng.tan, [-1.2, 1.2]],
  tanh: [ng.tanh, WIDE],
  'pow 3': [(x) => x.pow(3), WIDE],
  'pow 1.5': [(x) => x.pow(1.5), POSITIVE],
  'pow 0.5': [(x) => x.pow(0.5), POSITIVE],
  'pow -1': [(x) => x.pow(-1), POSITIVE],
  'pow -2.5': [(x) => x.pow(-2.5), POSITIVE],
  'pow 0': [(x) => x.pow(0), WIDE],
  '2 ** x': [(x) => ng.pow(2, x), WIDE],
  '3 / x': [(x) => ng.div(3, x), POSITIVE],
  '3 * x': [(x) => ng.mul(3, x), WIDE],
  '0 ** x': [(x) => ng.pow(0, x), POSITIVE],
  'x / 3': [(x) => x.div(3), WIDE],
  'xlogy by a number': [(x) => ng.xlogy(x, 3), POSITIVE],
  'xlogy of a number': [(x) => ng.xlogy(3, x), POSITIVE],
  'copysign of a number': [(x) => ng.copysign(x, -1), POSITIVE],
  'fmod by a number': [(x) => ng.fmod(x, 7), POSITIVE],
  '3 - x': [(x) => ng.sub(3, x), WIDE],
  'remainder by a number': [(x) => ng.remainder(x, 7), POSITIVE],
  'clamp, inside': [(x) => x.clamp(-3, 3), WIDE],
  'clampMin, inside': [(x) => x.clampMin(-3), WIDE],
};

/** Ops of two operands that broadcast. */
const BINARY: Readonly<
  Record<string, readonly [op: (x: ng.Tensor, y: ng.Tensor) => ng.Tensor, x: Interval, y: Interval]>
> = {
  add: [(x, y) => x.add(y, { alpha: 1.5 }), WIDE, WIDE],
  atan2: [ng.atan2, POSITIVE, POSITIVE],
  copysign: [ng.copysign, POSITIVE, POSITIVE],
  div: [ng.div, WIDE, POSITIVE],
  fmax: [ng.fmax, [0, 1], [2, 3]],
  fmin: [ng.fmin, [0, 1], [2, 3]],
  fmod: [ng.fmod, [0.1, 0.9], [1, 2]],
  hypot: [ng.hypot, POSITIVE, POSITIVE],
  ldexp: [(x, y) => ng.ldexp(x, y), WIDE, WIDE],
  lerp: [(x, y) => ng.lerp(x, y, 0.3), WIDE, WIDE],
  logaddexp: [ng.logaddexp, WIDE, WIDE],
  logaddexp2: [ng.logaddexp2, WIDE, WIDE],
  maximum: [ng.maximum, [0, 1], [2, 3]],
  minimum: [ng.minimum, [0, 1], [2, 3]],
  mul: [ng.mul, WIDE, WIDE],
  pow: [ng.pow, POSITIVE, WIDE],
  floatPower: [ng.floatPower, POSITIVE, WIDE],
  remainder: [ng.remainder, [0.1, 0.9], [1, 2]],
  rsub: [(x, y) => ng.rsub(x, y, { alpha: 2 }), WIDE, WIDE],
  sub: [ng.sub, WIDE, WIDE],
  xlogy: [ng.xlogy, POSITIVE, POSITIVE],
};

const TERNARY: Readonly<Record<string, readonly [op: Body, ...domains: Interval[]]>> = {
  addcmul: [(x, y, z) => ng.addcmul(x!, y!, z!, 0.7), WIDE, WIDE, WIDE],
  addcdiv: [(x, y, z) => ng.addcdiv(x!, y!, z!, 0.7), WIDE, WIDE, POSITIVE],
  'lerp by tensors': [(x, y, w) => ng.lerp(x!, y!, w!), WIDE, WIDE, [0.1, 0.9]],
  'clamp to tensors': [(x, low, high) => ng.clamp(x!, low!, high!), [-1, 1], [-3, -2], [2, 3]],
  where: [(x, y) => ng.where(x!.gt(0), x!, y!), WIDE, WIDE],
};

const input = (shape: readonly number[], [from, to]: Interval): Input => ({ shape, from, to });

/** Sizes around the SIMD widths, and what has no or one element. */
const SIZES = [[], [0], [1], [7], [9], [17], [2, 3]] as const;

describe('derivatives of elementwise ops', () => {
  it.each(Object.keys(UNARY))('%s', (name) => {
    const [op, domain] = UNARY[name]!;
    for (const shape of SIZES) checkGradients(name, { inputs: [input(shape, domain)], body: (x) => op(x!) });
  });

  it.each(Object.keys(BINARY))('%s', (name) => {
    const [op, first, second] = BINARY[name]!;
    for (const [a, b] of [
      [
        [3, 2],
        [3, 2],
      ],
      [[3, 1], [2]],
      [[], [4]],
      [[5], []],
      [
        [0, 2],
        [1, 2],
      ],
    ] as const) {
      checkGradients(name, {
        inputs: [input(a, first), input(b, second)],
        body: (x, y) => op(x!, y!),
        without: ['expanded'],
      });
    }
  });

  it.each(Object.keys(TERNARY))('%s', (name) => {
    const [body, ...domains] = TERNARY[name]!;
    checkGradients(name, { inputs: domains.map((domain) => input([2, 3], domain)), body });
    checkGradients(name, {
      inputs: domains.map((domain, i) => input(i === 1 ? [3] : [2, 1], domain)),
      body,
      without: ['expanded'],
    });
  });
});

describe('layouts and sizes give the values that single elements give', () => {
  const STEPS: Readonly<Record<string, Unary>> = {
    ceil: ng.ceil,
    floor: ng.floor,
    round: ng.round,
    sgn: ng.sgn,
    sign: ng.sign,
    trunc: ng.trunc,
    'round to 1': (x) => ng.round(x, 1),
  };
  const all: Record<string, readonly [Unary, Interval]> = { ...UNARY };
  for (const [name, op] of Object.entries(STEPS)) all[name] = [op, [-5, 5]];

  it.each(Object.keys(all))('%s', (name) => {
    const [op, [from, to]] = all[name]!;
    for (const dtype of ['float32', 'float64'] as const) {
      for (const n of [1, 7, 8, 9, 15, 16, 17, 31, 33]) {
        const x = makeInput({ shape: [n], from, to }, n, dtype);
        const single = x.unbind().map((element) => op(element).item());
        for (const arrange of Object.values(LAYOUTS)) {
          const y = op(arrange(x));
          expect((y.ndim === 2 ? y.select(0, 1) : y).tolist()).toEqual(single);
        }
        const square = x.unsqueeze(1).expand([n, 3]);
        expect(op(square.t()).select(0, 2).tolist()).toEqual(single);
        expect(op(x.unsqueeze(0).flip(1)).flip(1).select(0, 0).tolist()).toEqual(single);
      }
    }
  });
});
