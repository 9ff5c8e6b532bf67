/** Sliding blocks of images as columns, and columns added up to images: unfold and fold of `nn.functional`. */
import { record } from '../autograd/record.js';
import { rangeError, typeError } from '../errors.js';
import { contiguousStrides, type Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { named } from './options.js';
import { outputSize, type Sizes, sizesOf } from './spatial.js';

type Pair = readonly [number, number];

/** How blocks lie in an image: numbers only, so that formulas may hold it. */
interface Grid {
  readonly size: Pair;
  readonly kernel: Pair;
  readonly dilation: Pair;
  readonly padding: Pair;
  readonly stride: Pair;
  /** How many blocks there are, down and across. */
  readonly blocks: Pair;
}

function gridOf(op: string, size: Pair, kernel: Sizes, dilation: Sizes, padding: Sizes, stride: Sizes): Grid {
  const pair = (name: string, value: Sizes, least: number) => sizesOf(op, name, value, 2, least) as [number, number];
  const k = pair('kernel_size', kernel, 1);
  const d = pair('dilation', dilation, 1);
  const p = pair('padding', padding, 0);
  const s = pair('stride', stride, 1);
  const count = (i: 0 | 1) => outputSize(size[i], k[i], s[i], 2 * p[i], d[i]);
  const grid = { size, kernel: k, dilation: d, padding: p, stride: s, blocks: [count(0), count(1)] as const };
  if (grid.blocks[0] < 1 || grid.blocks[1] < 1) {
    throw rangeError(
      `${op}: Given a spatial size of [${size.join(', ')}], kernel_size=(${k.join(', ')}), dilation=(${d.join(', ')}), padding=(${p.join(', ')}), stride=(${s.join(', ')}), calculated shape of the array of sliding blocks as (${grid.blocks.join(', ')}), but its components must be at least one.`,
    );
  }
  return grid;
}

function checkFloat(op: string, x: Tensor): void {
  checkTensor(op, x);
  if (!x.dtypeInfo.isDifferentiable)
    throw typeError(`${op}: not implemented for ${x.dtype}; convert input with to('float32').`);
}

/** An image with its padding around, zero everywhere: [n, c, h, w]. */
function canvas(like: Tensor, n: number, channels: number, grid: Grid): Tensor {
  const [height, width] = [grid.size[0] + 2 * grid.padding[0], grid.size[1] + 2 * grid.padding[1]];
  const memory = like.makeEmpty([n, channels, height, width], like.dtypeInfo);
  memory.fillWith(0);
  return memory;
}

/** What of a canvas is the image. */
function inside(memory: Tensor, grid: Grid): Tensor {
  const [n, channels, , width] = memory.shape as [number, number, number, number];
  return memory.makeAlias([n, channels, ...grid.size], memory.strides, grid.padding[0] * width + grid.padding[1]);
}

/** [n, c, h, w] as [n, c · kernel, blocks]. */
function toColumns(x: Tensor, grid: Grid): Tensor {
  const [n, channels] = x.shape as [number, number, number, number];
  const memory = canvas(x, n, channels, grid);
  inside(memory, grid).copyInto(x.detach());
  const [image, plane, row, column] = memory.strides as [number, number, number, number];
  const { kernel, dilation, stride, blocks } = grid;
  const shape: Shape = [n, channels, ...kernel, ...blocks];
  const strides = [image, plane, row * dilation[0], column * dilation[1], row * stride[0], column * stride[1]];
  const out = x.makeEmpty(shape, x.dtypeInfo);
  out.copyInto(memory.makeAlias(shape, strides, 0));
  const flat = [n, channels * kernel[0] * kernel[1], blocks[0] * blocks[1]];
  const columns = out.makeAlias(flat, contiguousStrides(flat), 0);
  return record('Im2ColBackward0', columns, [x], [], [(grad) => toImages(grad, grid)]);
}

/** [n, c · kernel, blocks] added up to [n, c, h, w]. */
function toImages(x: Tensor, grid: Grid): Tensor {
  const { kernel, dilation, stride, blocks } = grid;
  const n = x.shape[0]!;
  const channels = x.shape[1]! / (kernel[0] * kernel[1]);
  const memory = canvas(x, n, channels, grid);
  const [image, plane, row, column] = memory.strides as [number, number, number, number];
  const parts = x.detach().reshape([n, channels, ...kernel, ...blocks]);
  for (let i = 0; i < kernel[0]; i++) {
    for (let j = 0; j < kernel[1]; j++) {
      const strides = [image, plane, row * stride[0], column * stride[1]];
      const at = i * dilation[0] * row + j * dilation[1] * column;
      memory.makeAlias([n, channels, ...blocks], strides, at).add_(parts.select(2, i).select(2, j));
    }
  }
  const out = x.makeEmpty([n, channels, ...grid.size], x.dtypeInfo);
  out.copyInto(inside(memory, grid));
  return record('Col2ImBackward0', out, [x], [], [(grad) => toColumns(grad, grid)]);
}

/**
 * Every block of `kernelSize` pixels of [n, c, h, w] (or [c, h, w]) as a column: [n, c · kernel, blocks].
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.unfold.html
 * @throws RangeError where no block fits
 */
export const unfold = named(
  'unfold',
  ['input', 'kernelSize', 'dilation', 'padding', 'stride'],
  (x: Tensor, kernelSize: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1): Tensor => {
    checkFloat('unfold', x);
    const rank = x.shape.length;
    if ((rank !== 3 && rank !== 4) || x.shape.slice(rank - 3).includes(0)) {
      throw rangeError(
        `unfold: Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: [${x.shape.join(', ')}].`,
      );
    }
    const size = x.shape.slice(-2) as [number, number];
    const grid = gridOf('unfold', size, kernelSize, dilation, padding, stride);
    return rank === 4 ? toColumns(x, grid) : toColumns(x.unsqueeze(0), grid).squeeze(0);
  },
);

/**
 * The inverse way of {@link unfold}: blocks of pixels [n, c · kernel, blocks] (or without n) added up where they overlap,
 * to images of `outputSize`.
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.fold.html
 * @throws RangeError where the columns are not those of such images
 */
export const fold = named(
  'fold',
  ['input', 'outputSize', 'kernelSize', 'dilation', 'padding', 'stride'],
  (x: Tensor, size: Sizes, kernelSize: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1): Tensor => {
    checkFloat('fold', x);
    const rank = x.shape.length;
    if ((rank !== 2 && rank !== 3) || x.shape.slice(rank - 2).includes(0)) {
      throw rangeError(
        `fold: Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for input, but got: [${x.shape.join(', ')}].`,
      );
    }
    const output = sizesOf('fold', 'output_size', size, 2, 1) as [number, number];
    const grid = gridOf('fold', output, kernelSize, dilation, padding, stride);
    const [rows, columns] = x.shape.slice(-2) as [number, number];
    const cells = grid.kernel[0] * grid.kernel[1];
    if (rows % cells !== 0) {
      throw rangeError(
        `fold: Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)=${rows} and kernel_size=(${grid.kernel.join(', ')}).`,
      );
    }
    const blocks = grid.blocks[0] * grid.blocks[1];
    if (columns !== blocks) {
      throw rangeError(
        `fold: Given output_size=(${output.join(', ')}), kernel_size=(${grid.kernel.join(', ')}), dilation=(${grid.dilation.join(', ')}), padding=(${grid.padding.join(', ')}), stride=(${grid.stride.join(', ')}), expected size of input's dimension 2 to match the calculated number of sliding blocks ${grid.blocks[0]} * ${grid.blocks[1]} = ${blocks}, but got input.size(2)=${columns}.`,
      );
    }
    return rank === 3 ? toImages(x, grid) : toImages(x.unsqueeze(0), grid).squeeze(0);
  },
);
