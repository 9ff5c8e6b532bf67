// What the optimizer kernels are given: every optional part there and not, both signs, with and without weight decay.
import type { DenseCase, DenseOperand, DenseRule } from './dense.js';

const LENGTHS = [0, 1, 3, 4, 5, 7, 8, 17, 33, 100];

interface Step {
  /** The state after the parameter and the gradient: what it is filled with, and whether it may be left out. */
  readonly state: readonly { readonly values: 'unit' | 'positive'; readonly optional?: true }[];
  readonly ints?: readonly (readonly number[])[];
  readonly scalars: readonly (readonly number[])[];
}

/** Every choice of leaving optional operands out. */
function choices(state: Step['state']): (DenseOperand['values'] | null)[][] {
  return state.reduce<(DenseOperand['values'] | null)[][]>(
    (lists, { values, optional }) =>
      lists.flatMap((list) =>
        optional
          ? [
              [...list, values],
              [...list, null],
            ]
          : [[...list, values]],
      ),
    [[]],
  );
}

function* cases({ state, ints, scalars }: Step): Iterable<DenseCase> {
  for (const dtype of ['float32', 'float64'] as const) {
    for (const length of LENGTHS) {
      for (const chosen of choices(state)) {
        for (const integers of ints ?? [[]]) {
          for (const numbers of scalars) {
            const operands = (['unit', 'unit', ...chosen] as const).map((values) =>
              values === null ? null : { dtype, length, values: values! },
            );
            yield { operands, ints: integers, scalars: numbers };
          }
        }
      }
    }
  }
}

const rule = (step: Step): DenseRule => ({ cases: () => cases(step) });
const unit = { values: 'unit' } as const;
const positive = { values: 'positive' } as const;

export const optimRules = {
  sgdStep: rule({
    state: [{ ...unit, optional: true }],
    ints: [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ],
    scalars: [
      [0.1, 0.9, 0, 0, 1],
      [0.1, 0.9, 0.3, 0.01, -1],
    ],
  }),
  adamStep: rule({
    state: [unit, positive, { ...positive, optional: true }],
    scalars: [
      [0.01, 0.9, 0.999, 1e-8, 0.03, 0, 1, 1],
      [0.01, 0.8, 0.95, 1e-6, 0.5, 0.1, 0.999, -1],
    ],
  }),
  adamaxStep: rule({
    state: [unit, positive],
    scalars: [
      [0.01, 0.9, 0.999, 1e-8, 0, 1],
      [0.01, 0.9, 0.1, 1e-8, 0.1, -1],
    ],
  }),
  nadamStep: rule({
    state: [unit, positive],
    scalars: [
      [0.01, 0.02, 0.9, 0.999, 1e-8, 0.3, 0, 1],
      [0.01, 0.02, 0.9, 0.9, 1e-8, 0.3, 0.1, -1],
    ],
  }),
  radamStep: rule({
    state: [unit, positive],
    ints: [[0], [1]],
    scalars: [
      [0.01, 0.9, 0.999, 1e-8, 0, 1],
      [0.01, 0.9, 0.999, 1e-8, 0.1, -1],
    ],
  }),
  rmspropStep: rule({
    state: [{ values: 'positive' }, { ...unit, optional: true }, { ...unit, optional: true }],
    scalars: [
      [0.01, 0.99, 1e-8, 0.9, 0, 1],
      [0.01, 0.9, 1e-3, 0.5, 0.1, -1],
    ],
  }),
  rpropStep: rule({
    state: [unit, positive],
    scalars: [
      [0.5, 1.2, 1e-6, 50, 1],
      [0.4, 1.3, 0.7, 1.1, -1],
    ],
  }),
  adagradStep: rule({
    state: [positive],
    scalars: [
      [0.01, 1e-10, 0, 1],
      [0.01, 1e-3, 0.1, -1],
    ],
  }),
  adadeltaStep: rule({
    state: [positive, positive],
    scalars: [
      [1, 0.9, 1e-6, 0, 1],
      [0.5, 0.8, 1e-3, 0.1, -1],
    ],
  }),
  asgdStep: rule({
    state: [unit],
    scalars: [
      [0.999, 0.01, 1, 0, 1],
      [0.999, 0.01, 0.3, 0.1, -1],
    ],
  }),
};
