import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

const PAIRS = [
  [1.5, -2],
  [-0.5, 0.25],
  [-3, -1],
];
const WEIGHTS = [
  [1, 2],
  [3, 4],
  [5, -6],
];
const float32 = { dtype: 'float32' } as const;
const numbers = (): ng.Tensor => ng.viewAsComplex(ng.tensor(PAIRS, float32));
const parts = (z: ng.Tensor): number[] => ng.viewAsReal(z.detach()).reshape([-1]).tolist() as number[];

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of expected.entries())
    expect(Math.abs(actual[i]! - value)).toBeLessThan(2e-5 * (1 + Math.abs(value)));
}

/** The values, and the gradient of their weighted sum. */
function check(f: (z: ng.Tensor) => ng.Tensor, values: readonly number[], gradient: readonly number[]): void {
  const z = numbers().requiresGrad_();
  const y = f(z);
  expectClose(y.dtype === 'complex64' ? parts(y) : (y.detach().reshape([-1]).tolist() as number[]), values);
  const real = y.dtype === 'complex64' ? ng.viewAsReal(y).mul(ng.tensor(WEIGHTS, float32)) : y;
  real.sum().backward();
  expectClose(parts(z.grad!), gradient);
}

// Values of PyTorch 1.13.
describe('complex64', () => {
  it('abs', () => {
    check((z) => z.abs(), [2.5, 0.559017, 3.162278], [0.6, -0.8, -0.8944272, 0.4472136, -0.9486834, -0.3162278]);
  });

  it('sgn', () => {
    check(
      (z) => z.sgn(),
      [0.6, -0.8, -0.8944272, 0.4472136, -0.9486834, -0.3162278],
      [0.64, 0.48, 3.935479, 7.870959, 0.7273238, -2.181972],
    );
  });

  it('exp', () => {
    check(
      (z) => z.exp(),
      [-1.865041, -4.075188, 0.5876751, 0.1500581, 0.02690007, -0.04189437],
      [-10.01542, 0.3451066, 2.363258, 1.900526, 0.3858666, 0.04807146],
    );
  });

  it('log', () => {
    check(
      (z) => z.log(),
      [0.9162908, -0.9272952, -0.5815754, 2.677945, 1.151293, -2.819842],
      [0.88, 0.16, -8, -4, -2.1, 1.3],
    );
  });

  it('sqrt', () => {
    check(
      (z) => z.sqrt(),
      [Math.SQRT2, -Math.SQRT1_2, 0.1717804, 0.7276734, 0.2848488, -1.755317],
      [0.5656854, 0.424264, -2.142468, 2.567132, -1.440048, -1.657931],
    );
  });

  it('reciprocal', () => {
    check(
      (z) => z.reciprocal(),
      [0.24, 0.32, -1.6, -0.8, -0.3, 0.1],
      [-0.2624, 0.2432, -16, 2.384186e-7, -0.7600001, 0.18],
    );
  });

  it('square', () => {
    check((z) => z.square(), [-1.75, -6, 0.1875, -0.25, 8, 6], [-5, 10, -1, -5.5, -18, 46]);
  });

  it('sin', () => {
    check(
      (z) => z.sin(),
      [3.752772, -0.2565539, -0.4944858, 0.2216882, -0.2177595, 1.16344],
      [7.501677, -3.085521, 3.199886, 3.257274, -6.643125, 9.99505],
    );
  });

  it('cos', () => {
    check(
      (z) => z.cos(),
      [0.2661272, 3.617775, 0.9051501, 0.1211088, -1.527638, -0.1658444],
      [-3.239664, -7.762097, 0.5967047, 2.643008, 8.06944, 4.510644],
    );
  });

  it('sinh', () => {
    check(
      (z) => z.sinh(),
      [-0.8860929, -2.13904, -0.5048957, 0.2789791, -5.412681, -8.471645],
      [-4.851244, -0.02174747, 2.762028, 4.757046, -23.3806, -74.78624],
    );
  });

  it('cosh', () => {
    check(
      (z) => z.cosh(),
      [-0.9789478, -1.936148, 1.092571, -0.128921, 5.439581, 8.42975],
      [-5.164173, 0.3668542, -0.3987706, -2.85652, 23.76647, 74.8343],
    );
  });

  it('norm', () => {
    check((z) => z.norm(), [4.069705], [0.3685771, -0.4914361, -0.122859, 0.06142952, -0.7371542, -0.2457181]);
  });

  it('pow(2)', () => {
    check((z) => z.pow(2), [-1.75, -6, 0.1875, -0.25, 8, 6], [-5, 10, -1, -5.5, -18, 46]);
  });

  it('div', () => {
    check(
      (z) => z.div(z.add(1)),
      [0.7560976, -0.1951219, -0.6, 0.8, 1.4, -0.2],
      [0.2117787, -0.05234981, -4.48, 15.36, 1.56, 0.08000004],
    );
  });

  it('mm', () => {
    check(
      (z) => z.unsqueeze(1).mm(z.unsqueeze(0)).sum(1),
      [-8.5, -0.125, 1.6875, 0.875, 3.25, 10.25],
      [-19.5, 24, -29, 25.5, -5.5, 51],
    );
  });

  it('mv', () => {
    check(
      (z) => z.unsqueeze(1).expand([3, 3]).mul(z).mv(z),
      [9.15625, -13.25, -3.15625, 1.734375, -19.5625, -5.6875],
      [-131.0625, 40.875, 42.9375, 7.25, 55.1875, -212.875],
    );
  });

  it('bmm', () => {
    check(
      (z) =>
        z
          .view([1, 3, 1])
          .bmm(z.view([1, 1, 3]))
          .sum([0, 1]),
      [-8.5, -0.125, 1.6875, 0.875, 3.25, 10.25],
      [-19.5, 24, -29, 25.5, -5.5, 51],
    );
  });

  it('vdot and vecdot conjugate the first vector', () => {
    const w = ng.viewAsComplex(
      ng.tensor(
        [
          [0.5, 1],
          [0, -2],
          [1.5, 0],
        ],
        float32,
      ),
    );
    const gradient = [4.5, 9, 0, -18, 13.5, 0];
    check((z) => ng.vdot(z, w), [-6.25, 5], gradient);
    check((z) => ng.vdot(w, z), [-6.25, -5], gradient);
    check((z) => ng.linalg.vecdot(z.unsqueeze(0), w.unsqueeze(0)).squeeze(0), [-6.25, 5], gradient);
    check((z) => ng.linalg.vecdot(w.unsqueeze(0), z.unsqueeze(0)).squeeze(0), [-6.25, -5], gradient);
  });

  it('abs gives float32, and a gradient of 0 at 0', () => {
    const z = ng.viewAsComplex(ng.zeros([2, 2], float32)).requiresGrad_();
    const size = z.abs();
    expect(size.dtype).toBe('float32');
    size.sum().backward();
    expect(parts(z.grad!)).toEqual([0, 0, 0, 0]);
  });

  it('spectra have magnitudes with gradients', () => {
    const x = ng.tensor([1, 2, 3, 4.5], float32).requiresGrad_();
    const size = ng.fft.fft(x).abs();
    expectClose(size.tolist() as number[], [10.5, 3.2015621, 2.5, 3.2015621]);
    size.sum().backward();
    expectClose(x.grad!.tolist() as number[], [-1.24939, 0.4382623, 1.24939, 3.561738]);
  });

  it('functions have in-place forms', () => {
    const z = numbers();
    const expected = parts(z.exp());
    z.exp_();
    expectClose(parts(z), expected);
    expect(() => z.abs_()).toThrow('abs_: In-place abs is not supported for complex tensors');
  });

  it('what is not there is refused by name', () => {
    expect(() => numbers().tan()).toThrow('tan: not implemented for complex64 (operands complex64)');
    const z = ng.ones([2, 2], { dtype: 'complex64' });
    expect(() => z.addmm(z, z)).toThrow('gemm: not implemented for complex64');
  });
});
