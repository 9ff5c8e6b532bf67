/** Copies of x with a view of it replaced. */
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { scatterView } from './diagonal.js';
import { select, sliceDim } from './movement.js';
import { named } from './options.js';

/**
 * A copy of x with `src` in the place of `x.select(dim, index)`.
 * https://pytorch.org/docs/stable/generated/torch.select_scatter.html
 */
export const selectScatter = named(
  'selectScatter',
  ['input', 'src', 'dim', 'index'],
  (x: Tensor, src: Tensor, dim: number, index: number): Tensor => {
    checkTensor('selectScatter', x);
    checkTensor('selectScatter', src, 'src');
    return scatterView('SelectScatterBackward0', 'selectScatter', x, src, (whole) => select(whole, dim, index));
  },
);

/**
 * A copy of x with `src` in the place of the elements start, start + step, … before end of `dim`.
 * https://pytorch.org/docs/stable/generated/torch.slice_scatter.html
 */
export const sliceScatter = named(
  'sliceScatter',
  ['input', 'src', 'dim', 'start', 'end', 'step'],
  (x: Tensor, src: Tensor, dim: number = 0, start?: number | null, end?: number | null, step: number = 1): Tensor => {
    checkTensor('sliceScatter', x);
    checkTensor('sliceScatter', src, 'src');
    return scatterView('SliceScatterBackward0', 'sliceScatter', x, src, (whole) =>
      sliceDim(whole, dim, start, end, step),
    );
  },
);
