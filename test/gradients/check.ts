// gradcheck and gradgradcheck of an op in float64, on inputs laid out in every way a tensor can be.
import * as ng from '../../src/index.js';
import { randomFrom } from '../agreement/operands.js';

export type Body = (...inputs: ng.Tensor[]) => ng.Tensor | readonly ng.Tensor[];

/** One input: its shape, and where its values lie. */
export interface Input {
  readonly shape: readonly number[];
  readonly from?: number;
  readonly to?: number;
}

/** Values in [from, to), kept apart from each other so that no two tie. */
export function makeInput({ shape, from = -2, to = 2 }: Input, seed: number, dtype: ng.DType = 'float64'): ng.Tensor {
  const random = randomFrom(seed);
  const n = shape.reduce((product, size) => product * size, 1);
  const values = Array.from({ length: n }, () => from + (to - from) * random());
  return ng.tensor(values, { dtype }).reshape(shape);
}

/** How an op may get its input: each gives a tensor of the input's own shape, or of one with the same elements. */
export const LAYOUTS: Readonly<Record<string, (x: ng.Tensor) => ng.Tensor>> = {
  contiguous: (x) => x,
  transposed: (x) => (x.ndim < 2 ? x : x.transpose(0, 1).contiguous().transpose(0, 1)),
  strided: (x) => ng.stack([x, x.mul(2)], -1).select(-1, 0),
  expanded: (x) => x.unsqueeze(0).expand([2, ...x.shape]),
};

export interface Check {
  readonly inputs: readonly Input[];
  readonly body: Body;
  /** Layouts to leave out, for ops that count dimensions. */
  readonly without?: readonly string[];
  /** The op has no second derivative, or none that finite differences see. */
  readonly firstOnly?: boolean;
}

/** Checks both derivatives in each layout; throws with the op's name where one is wrong. */
export function checkGradients(name: string, check: Check): void {
  for (const [layout, arrange] of Object.entries(LAYOUTS)) {
    if (check.without?.includes(layout)) continue;
    const inputs = check.inputs.map((input, i) => makeInput(input, 17 + i).requiresGrad_());
    const body: Body = (...given) => check.body(...given.map(arrange));
    try {
      ng.autograd.gradcheck(body, inputs);
      if (!check.firstOnly) ng.autograd.gradgradcheck(body, inputs);
    } catch (error) {
      (error as Error).message = `${name}, ${layout}: ${(error as Error).message}`;
      throw error;
    }
  }
}
