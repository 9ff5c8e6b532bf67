import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';
import { VALUES } from './specialValues.js';

const { special, tensor } = ng;
const double = (values: readonly number[]): ng.Tensor => tensor([...values], { dtype: 'float64' });
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

type Unary = (x: ng.Tensor) => ng.Tensor;
type Any = (...args: ng.Tensor[]) => ng.Tensor;

const NAMED: Readonly<Record<string, Any>> = {
  lgamma: (x) => ng.lgamma(x!),
  digamma: (x) => ng.digamma(x!),
  polygamma1: (x) => ng.polygamma(1, x!),
  polygamma4: (x) => ng.polygamma(4, x!),
  igamma: (a, x) => ng.igamma(a!, x!),
  igammac: (a, x) => ng.igammac(a!, x!),
};
const functionOf = (name: string): Any => NAMED[name] ?? (special[name as keyof typeof special] as unknown as Any);

describe('special functions have the digits their dtype can hold', () => {
  it.each(Object.keys(VALUES))('%s', (name) => {
    const rows = VALUES[name]!;
    const columns = rows[0]!.map((_, i) => rows.map((row) => row[i]!));
    const expected = columns.pop()!;
    const got = functionOf(name)(...columns.map(double)).tolist() as number[];
    for (const [i, value] of expected.entries()) {
      const error = Math.abs(got[i]! - value);
      expect(error, `${name}(${rows[i]!.slice(0, -1).join(', ')}) = ${got[i]}, not ${value}`).toBeLessThanOrEqual(
        2e-12 * Math.abs(value) + 1e-15,
      );
    }
    // float32 is rounded once from the value at what float32 makes of the arguments.
    const single = columns.map((column) => double(column.map(Math.fround)));
    const wide = functionOf(name)(...single).tolist() as number[];
    const narrow = functionOf(name)(...single.map((x) => x.to('float32')));
    expect(narrow.dtype).toBe('float32');
    expect(narrow.tolist()).toEqual(wide.map(Math.fround));
  });
});

/** What PyTorch gives at 0, -0, ∞, -∞, NaN, -1, -2.5. */
const EDGES: Readonly<Record<string, readonly number[]>> = {
  lgamma: [inf, inf, inf, inf, nan, inf, -0.056243716497674054],
  digamma: [-inf, inf, inf, nan, nan, nan, 1.103156640645243],
  polygamma1: [inf, inf, 0, nan, nan, inf, 9.53924664498912],
  polygamma4: [-inf, -inf, nan, -inf, nan, -inf, -0.06799599950673131],
  airyAi: [0.3550280538878172, 0.3550280538878172, nan, nan, nan, 0.5355608832923522, -0.11232506769296605],
  besselJ0: [1, 1, nan, nan, nan, 0.7651976865579666, -0.04838377646819804],
  besselJ1: [0, -0, nan, nan, nan, -0.44005058574493355, -0.4970941024642741],
  besselY0: [-inf, -inf, nan, nan, nan, nan, nan],
  besselY1: [-inf, -inf, nan, nan, nan, nan, nan],
  entr: [0, 0, -inf, -inf, nan, -inf, -inf],
  erfcx: [1, 1, 0, inf, nan, 5.00898008076228, 1035.8148429726912],
  i0: [1, 1, nan, nan, nan, 1.2660658777520084, 3.2898391440501231],
  i0e: [1, 1, 0, 0, nan, 0.46575960759364043, 0.27004644161220326],
  i1: [0, 0, nan, nan, nan, -0.5651591039924851, -2.5167162452887],
  i1e: [0, 0, 0, -0, nan, -0.2079104153497085, -0.20658464953126657],
  logNdtr: [-Math.LN2, -Math.LN2, -0, -inf, nan, -1.841021645009264, -5.081648277278691],
  modifiedBesselI0: [1, 1, nan, nan, nan, 1.2660658777520084, 3.2898391440501231],
  modifiedBesselI1: [0, 0, nan, nan, nan, -0.5651591039924851, -2.5167162452887],
  modifiedBesselK0: [inf, inf, 0, nan, nan, nan, nan],
  modifiedBesselK1: [inf, inf, 0, nan, nan, nan, nan],
  ndtr: [0.5, 0.5, 1, 0, nan, 0.15865525393145707, 0.006209665325776132],
  ndtri: [-inf, -inf, nan, nan, nan, nan, nan],
  scaledModifiedBesselK0: [inf, inf, 0, nan, nan, nan, nan],
  scaledModifiedBesselK1: [inf, inf, 0, nan, nan, nan, nan],
  sphericalBesselJ0: [1, 1, 0, 0, nan, 0.8414709848078965, 0.23938885764158258],
};

describe('at zeros, infinities, NaN and poles they are what PyTorch has', () => {
  it.each(Object.keys(EDGES))('%s', (name) => {
    for (const dtype of ['float64', 'float32'] as const) {
      const got = functionOf(name)(tensor([0, -0, inf, -inf, nan, -1, -2.5], { dtype })).tolist() as number[];
      for (const [i, value] of EDGES[name]!.entries()) {
        if (Number.isFinite(value) && value !== 0)
          expect(Math.abs(got[i]! / value - 1)).toBeLessThan(dtype === 'float64' ? 1e-11 : 1e-6);
        else expect(got[i]).toBe(value);
      }
    }
  });

  it('two operands', () => {
    const pairs = (f: (x: ng.Tensor, y: ng.Tensor) => ng.Tensor, ...list: [number, number][]) =>
      f(double(list.map(([x]) => x)), double(list.map(([, y]) => y))).tolist();
    const corners: [number, number][] = [
      [0, 0],
      [0, 1],
      [1, 0],
      [inf, 1],
      [inf, inf],
      [1, inf],
      [-1, 1],
      [1, -1],
      [0, inf],
      [nan, 1],
      [1, nan],
    ];
    expect(pairs(ng.igamma, ...corners)).toEqual([nan, 1, 0, 0, nan, 1, nan, nan, 1, nan, nan]);
    expect(pairs(ng.igammac, ...corners)).toEqual([nan, 0, 1, 1, nan, 0, nan, nan, 0, nan, nan]);
    const unknown: [number, number][] = [
      [inf, nan],
      [0, nan],
      [nan, 0],
      [nan, inf],
      [nan, -1],
    ];
    expect(pairs(ng.igamma, ...unknown)).toEqual([0, nan, 0, 1, nan]);
    expect(pairs(ng.igammac, ...unknown)).toEqual([1, nan, 1, 0, nan]);
    expect(pairs(special.zeta, [nan, -1], [nan, 0], [nan, 2], [nan, -1.5], [1, -1])).toEqual([inf, inf, nan, nan, inf]);
    expect(
      pairs(special.zeta, [0, 1], [1, 1], [0.5, 1], [2, 0], [2, -1], [2.5, -1.5], [inf, 1], [2, inf], [2, -inf]),
    ).toEqual([nan, inf, nan, inf, inf, nan, 1, nan, inf]);
    expect(pairs(special.xlog1py, [0, 0], [0, -1], [0, -2], [0, nan], [1, -1], [-1, -1], [nan, 1], [2, inf])).toEqual([
      0,
      0,
      0,
      nan,
      -inf,
      inf,
      nan,
      inf,
    ]);
  });

  it('negative non-integers below a thousand', () => {
    const got = special.zeta(double([2, 3, 4]), double([-10000.5, -1000.3, -2000.25])).tolist() as number[];
    const expected = [9.869504411088446, -34.41877135808421, 259.7575760906316];
    for (const [i, value] of expected.entries()) expect(Math.abs(got[i]! / value - 1)).toBeLessThan(1e-13);
  });

  it('gives Bessel functions of i beyond where the exponential alone overflows', () => {
    expect(special.i1(double([712])).item()).toBeLessThan(inf);
    expect(special.i0(double([720])).item()).toBe(inf);
  });
});

describe('orthogonal polynomials', () => {
  const families = [
    'chebyshevPolynomialT',
    'chebyshevPolynomialU',
    'chebyshevPolynomialV',
    'chebyshevPolynomialW',
  ] as const;

  it('the shifted ones are the others at 2x - 1', () => {
    const x = double([-0.3, 0, 0.25, 0.9, 1, 1.7]).unsqueeze(1);
    const n = ng.arange(0, 24);
    for (const name of families) {
      const shifted = special[`shifted${name[0]!.toUpperCase()}${name.slice(1)}` as 'shiftedChebyshevPolynomialT'];
      expect(shifted(x, n).tolist()).toEqual(special[name](x.mul(2).sub(1), n).tolist());
    }
  });

  it('angles, hyperbolas and recurrences meet', () => {
    // From a degree on another formula is taken: the recurrence must go on over the seam.
    for (const [x, degree, digits] of [
      [0.3, 8, 1e-13],
      [-0.95, 9, 1e-13],
      [1.001, 1000, 1e-9],
      [-1.001, 1001, 1e-9],
    ] as const) {
      for (const name of families) {
        const [before, here, after] = [-1, 0, 1].map(
          (step) => special[name](double([x]), degree + step).item() as number,
        );
        const scale = Math.abs(before!) + Math.abs(here!) + Math.abs(after!);
        expect(Math.abs(after! - (2 * x * here! - before!)) / scale, `${name} at ${x}`).toBeLessThan(digits);
      }
    }
  });

  it('are 1 in degree 0, 0 in negative ones, and cut degrees off', () => {
    for (const name of [...families, 'hermitePolynomialH', 'laguerrePolynomialL', 'legendrePolynomialP'] as const) {
      expect(special[name](double([0.3, nan, inf]), 0).tolist()).toEqual([1, 1, 1]);
      expect(special[name](0.3, double([-1, -inf, nan, inf])).tolist()).toEqual([0, 0, 0, 0]);
      expect(special[name](0.3, double([3.9, -0.5])).tolist()).toEqual([special[name](0.3, double([3])).item(), 1]);
    }
    expect(special.chebyshevPolynomialT(0.5, tensor([2])).dtype).toBe('float32');
    expect(special.chebyshevPolynomialT(tensor([2]), { n: 2 }).tolist()).toEqual([7]);
  });

  it('come to an end in any degree', () => {
    const degrees = double([1e9, 1e15, 1e18]);
    for (const x of [0.3, -1.5, 1 + 2 ** -52, 1e300]) {
      for (const f of [special.chebyshevPolynomialV, special.hermitePolynomialHe, special.laguerrePolynomialL])
        expect(f(x, degrees).shape).toEqual([3]);
    }
    expect(special.legendrePolynomialP(1.5, double([1e9])).item()).toBe(nan);
  });
});

describe('special functions as ops', () => {
  it('take integers and bools as float32', () => {
    for (const name of Object.keys(EDGES)) {
      expect(functionOf(name)(tensor([1, 0])).dtype).toBe('float32');
      expect(functionOf(name)(tensor([true, false])).dtype).toBe('float32');
    }
    expect(special.zeta(tensor([2]), tensor([1])).dtype).toBe('float32');
    expect(special.zeta(2, tensor([1], { dtype: 'float64' })).dtype).toBe('float64');
    expect(() => ng.igamma(tensor([1]), tensor([2]))).toThrow(/igamma: not implemented for int64/);
    expect(() => ng.igamma(tensor([1.5]), 2)).toThrow(TypeError);
    expect(() => tensor([1, 2]).lgamma_()).toThrow(/lgamma_/);
  });

  it('are names of one another', () => {
    expect(special.psi).toBe(ng.digamma);
    expect(special.gammaln).toBe(ng.lgamma);
    expect(special.gammainc).toBe(ng.igamma);
    expect(special.gammaincc).toBe(ng.igammac);
    expect(special.multigammaln).toBe(ng.mvlgamma);
    expect(special.expit).toBe(ng.sigmoid);
    expect(special.polygamma).toBe(ng.polygamma);
  });

  it('work in place', () => {
    const x = tensor([1.5, 2.5]);
    for (const name of ['digamma', 'lgamma', 'i0'] as const) {
      const y = x.clone();
      expect(y[`${name}_`]()).toBe(y);
      expect(y.tolist()).toEqual(x[name]().tolist());
    }
    expect(x.clone().polygamma_(2).tolist()).toEqual(x.polygamma(2).tolist());
    expect(x.clone().mvlgamma_(2).tolist()).toEqual(x.mvlgamma(2).tolist());
    expect(
      x
        .clone()
        .igamma_(tensor([1, 2]))
        .tolist(),
    ).toEqual(x.igamma(tensor([1, 2])).tolist());
    expect(
      x
        .clone()
        .igammac_(tensor([1, 2]))
        .tolist(),
    ).toEqual(x.igammac(tensor([1, 2])).tolist());
    const leaf = tensor([1.5], { requiresGrad: true });
    expect(String(leaf.clone().polygamma_(2).gradFn)).toMatch(/PolygammaBackward1/);
    expect(String(leaf.clone().mvlgamma_(1).gradFn)).toMatch(/MvlgammaBackward0/);
  });

  it('polygamma and mvlgamma check their order', () => {
    const x = tensor([1.5]);
    expect(() => ng.polygamma(-1, x)).toThrow(/negative n, but n is -1/);
    expect(() => ng.polygamma(1.5, x)).toThrow(TypeError);
    expect(() => x.mvlgamma(0)).toThrow(/greater than or equal to 1, but is 0/);
    expect(() => tensor([true]).mvlgamma(1)).toThrow(/boolean/);
    expect(ng.polygamma(200, tensor([1], { dtype: 'float64' })).item()).toBe(-inf);
  });
});

describe('derivatives of special functions', () => {
  const differentiable: Readonly<Record<string, readonly [op: Unary, domain: readonly [number, number]]>> = {
    lgamma: [ng.lgamma, [0.3, 4]],
    'lgamma below 0': [ng.lgamma, [-1.9, -1.1]],
    digamma: [ng.digamma, [0.3, 4]],
    'polygamma 1': [(x) => ng.polygamma(1, x), [0.5, 4]],
    'polygamma 3': [(x) => x.polygamma(3), [0.8, 4]],
    mvlgamma: [(x) => x.mvlgamma(3), [1.5, 4]],
    i0: [ng.i0, [-2, 2]],
    i0e: [special.i0e, [0.1, 2]],
    i1: [special.i1, [-2, 2]],
    i1e: [special.i1e, [-2, -0.1]],
    erfcx: [special.erfcx, [-1, 2]],
    ndtr: [special.ndtr, [-2, 2]],
    logNdtr: [special.logNdtr, [-3, 2]],
    ndtri: [special.ndtri, [0.1, 0.9]],
    entr: [special.entr, [0.2, 3]],
    'xlog1py by a number': [(x) => special.xlog1py(x, 3), [-1, 1]],
    'xlog1py of a number': [(x) => special.xlog1py(3, x), [-0.5, 1]],
    'igamma in x': [(x) => ng.igamma(double([1.7]), x), [0.3, 3]],
    'igammac in x': [(x) => ng.igammac(double([1.7]), x), [0.3, 3]],
    'zeta in q': [(x) => special.zeta(double([2.5]), x), [0.5, 3]],
    'zeta of a number in q': [(x) => special.zeta(2.5, x), [0.5, 3]],
  };

  it.each(Object.keys(differentiable))('%s, twice', (name) => {
    const [op, [from, to]] = differentiable[name]!;
    for (const shape of [[], [0], [5], [2, 3]]) {
      const n = shape.reduce((product, size) => product * size, 1);
      const x = double(Array.from({ length: n }, (_, i) => from + ((to - from) * (i + 0.5)) / n))
        .reshape(shape)
        .requiresGrad_();
      ng.autograd.gradcheck(op, [x]);
      ng.autograd.gradgradcheck(op, [x]);
    }
  });

  it('xlog1py of two', () => {
    const x = double([0.3, -0.7]).unsqueeze(1).requiresGrad_();
    const y = double([0.5, 2, -0.4]).requiresGrad_();
    ng.autograd.gradcheck((a, b) => special.xlog1py(a!, b!), [x, y]);
    ng.autograd.gradgradcheck((a, b) => special.xlog1py(a!, b!), [x, y]);
  });

  it('where PyTorch has none, there is none', () => {
    const x = tensor([0.5], { requiresGrad: true });
    for (const name of ['airyAi', 'besselJ0', 'besselY1', 'modifiedBesselI0', 'modifiedBesselK1'] as const) {
      expect(special[name](x).requiresGrad).toBe(false);
    }
    expect(special.legendrePolynomialP(x, 3).requiresGrad).toBe(false);
    expect(() => ng.igamma(x, tensor([1.5])).backward()).toThrow(/'igamma: input' is not implemented/);
    expect(() => ng.igammac(x, tensor([1.5])).backward()).toThrow(/'igammac: input' is not implemented/);
    expect(() => special.zeta(x, tensor([1.5])).backward()).toThrow(/'zeta' is not implemented/);
    expect(() => special.zeta(x, 1.5).backward()).toThrow(/'zeta' is not implemented/);
  });

  it('at 0 they are the limits', () => {
    const at = (f: Unary, ...values: number[]): unknown => {
      const x = double(values).requiresGrad_();
      f(x).sum().backward();
      return x.grad!.tolist();
    };
    expect(at(special.i1, 0)).toEqual([0.5]);
    expect(at(special.i1e, 0)).toEqual([0.5]);
    expect(at(special.i0e, 0)).toEqual([0]);
    expect(at((x) => ng.igamma(double([1]), x), 0)).toEqual([1]);
    expect(at((x) => special.xlog1py(x, double([-1])), 0)).toEqual([0]);
    // The second derivatives there are 0, not 0 / 0.
    const x = double([0, 1e-30]).requiresGrad_();
    for (const f of [special.i1, special.i1e]) {
      const [first] = ng.autograd.grad(f(x).sum(), x, { createGraph: true });
      expect(ng.autograd.grad(first!.sum(), x)[0]!.tolist()).toEqual([0, 0]);
    }
  });
});
