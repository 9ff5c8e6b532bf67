/** The three products of a convolution, each with its gradients. */
import { record, using } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { dense } from './apply.js';
import { triple } from './spatial.js';

/** A convolution's sizes as the kernels take them, and the shapes of its three tensors. */
export interface Geometry {
  readonly x: Shape;
  readonly weight: Shape;
  readonly y: Shape;
  readonly ints: Ints;
}

type Ints = [
  n: number,
  c: number,
  o: number,
  groups: number,
  d: number,
  h: number,
  w: number,
  kd: number,
  kh: number,
  kw: number,
  od: number,
  oh: number,
  ow: number,
  sd: number,
  sh: number,
  sw: number,
  pd: number,
  ph: number,
  pw: number,
  dd: number,
  dh: number,
  dw: number,
];

/** How a window moves: lists with a number for each spatial dimension. */
export interface Steps {
  readonly stride: readonly number[];
  /** Zeros before the first element. */
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
}

export function geometryOf(x: Shape, weight: Shape, y: Shape, steps: Steps): Geometry {
  const sizes = triple(x.slice(2), 1);
  const kernel = triple(weight.slice(2), 1);
  const out = triple(y.slice(2), 1);
  const ints: Ints = [
    x[0]!,
    x[1]!,
    y[1]!,
    steps.groups,
    ...sizes,
    ...kernel,
    ...out,
    ...triple(steps.stride, 1),
    ...triple(steps.padding, 0),
    ...triple(steps.dilation, 1),
  ];
  return { x, weight, y, ints };
}

// Each of the three products is linear in both of its operands, and its gradients are the other two.

/** y[p] = Σ x[p · stride - padding + k · dilation] · weight[k] (+ bias). */
export function convolve(x: Tensor, weight: Tensor, bias: Tensor | null, g: Geometry, name: string): Tensor {
  const y = x.makeEmpty(g.y, x.dtypeInfo);
  kernels.convolution(y, dense(x), dense(weight), bias === null ? null : dense(bias), ...g.ints);
  return record(name, y, [x, weight, bias], [x, weight] as const, [
    using([1], (grad, _x, w: Tensor) => backwardInput(grad, w, g, BACKWARD)),
    using([0], (grad, input: Tensor) => backwardWeight(input, grad, g)),
    biasGradient,
  ]);
}

/** The gradient of a convolution's input; also the transposed convolution. */
export function backwardInput(grad: Tensor, weight: Tensor, g: Geometry, name: string): Tensor {
  const x = grad.makeEmpty(g.x, grad.dtypeInfo);
  kernels.convolutionBackwardInput(x, dense(grad), dense(weight), ...g.ints);
  return record(name, x, [grad, weight], [grad, weight] as const, [
    using([1], (v, _grad, w: Tensor) => convolve(v, w, null, g, BACKWARD)),
    using([0], (v, y: Tensor) => backwardWeight(v, y, g)),
  ]);
}

/** The gradient of a convolution's weight. */
function backwardWeight(x: Tensor, grad: Tensor, g: Geometry): Tensor {
  const weight = grad.makeEmpty(g.weight, grad.dtypeInfo);
  kernels.convolutionBackwardWeight(weight, dense(x), dense(grad), ...g.ints);
  return record(BACKWARD, weight, [x, grad], [x, grad] as const, [
    using([1], (v, _x, y: Tensor) => backwardInput(y, v, g, BACKWARD)),
    using([0], (v, input: Tensor) => convolve(input, v, null, g, BACKWARD)),
  ]);
}

export const FORWARD = 'ConvolutionBackward0';
const BACKWARD = 'ConvolutionBackwardBackward0';

/** The sum over all but the channels: planes first, as they lie in memory, then the batch. */
function biasGradient(grad: Tensor): Tensor {
  const spatial = Array.from({ length: grad.shape.length - 2 }, (_, i) => i + 2);
  return grad.sum(spatial).sum(0);
}

/** The transposed convolution with a bias, added where the product is written. */
export function transposedWithBias(x: Tensor, weight: Tensor, bias: Tensor, g: Geometry): Tensor {
  const y = x.makeEmpty(g.x, x.dtypeInfo);
  kernels.convolutionBackwardInput(y, dense(x), dense(weight), ...g.ints);
  const spread = Array.from({ length: g.x.length }, (_, i) => (i === 1 ? bias.count : 1));
  kernels.add(
    y,
    y,
    bias.makeAlias(
      spread,
      spread.map((_, i) => (i === 1 ? bias.strides[0]! : 0)),
      bias.offset,
    ),
  );
  return record(FORWARD, y, [x, weight, bias], [x, weight] as const, [
    using([1], (v, _x, w: Tensor) => convolve(v, w, null, g, BACKWARD)),
    using([0], (v, input: Tensor) => backwardWeight(v, input, g)),
    biasGradient,
  ]);
}
