import { autogradError, rangeError, typeError } from '../errors.js';
import { sameShape } from '../shape.js';
import type { Several } from '../size.js';
import type { Tensor } from '../tensor.js';
import { accumulate } from './arriving.js';
import { AccumulateGrad, type Grad, type Node } from './node.js';
import { type Capture, Run } from './run.js';

/** One gradient for each output: given, or ones for a scalar. */
function rootGradients(op: string, outputs: readonly Tensor[], grads: readonly (Tensor | null)[] | null): Tensor[] {
  if (grads !== null && grads.length !== outputs.length) {
    throw rangeError(
      `${op}: got ${outputs.length} tensors and ${grads.length} gradients; give one gradient for each tensor.`,
    );
  }
  return outputs.map((output, i) => {
    const grad = grads?.[i] ?? null;
    if (!output.requiresGrad) {
      throw autogradError(
        `${op}: element ${i} of tensors does not require grad and does not have a grad_fn; set requiresGrad on what it is made from, outside noGrad.`,
      );
    }
    if (grad !== null) {
      if (!sameShape(grad.shape, output.shape)) {
        throw rangeError(
          `${op}: Mismatch in shape: grad_output[${i}] has a shape of [${grad.shape.join(', ')}] and output[${i}] has a shape of [${output.shape.join(', ')}].`,
        );
      }
      if (grad.dtypeInfo.isComplex !== output.dtypeInfo.isComplex) {
        throw typeError(
          `${op}: gradient ${i} is ${grad.dtype}, but the output is ${output.dtype}; complex outputs take complex gradients.`,
        );
      }
      return grad;
    }
    if (output.count !== 1) {
      throw autogradError(
        `${op}: grad can be implicitly created only for scalar outputs, but this one has shape [${output.shape.join(', ')}]; give the gradient, or sum() first.`,
      );
    }
    const ones = output.makeEmpty(output.shape, output.dtypeInfo);
    ones.fillWith(1);
    return ones;
  });
}

/** How {@link backward} runs. https://pytorch.org/docs/stable/generated/torch.autograd.backward.html */
export interface BackwardOptions {
  readonly retainGraph?: boolean | null;
  readonly createGraph?: boolean;
  /** Accumulate into these leaves only. */
  readonly inputs?: Tensor | readonly Tensor[] | null;
}

function nodesOf(tensors: readonly Tensor[]): Node[] {
  return tensors.map((x) => x.gradFn ?? x.accumulator());
}

/**
 * Adds to the `.grad` of every leaf the gradient of the sum of `tensors`, each weighted by its gradient.
 * https://pytorch.org/docs/stable/generated/torch.autograd.backward.html
 */
export function backward(
  tensors: Tensor | readonly Tensor[],
  gradTensors: Tensor | readonly (Tensor | null)[] | null = null,
  options: BackwardOptions = {},
): void {
  const outputs = asList(tensors);
  const createGraph = options.createGraph ?? false;
  const grads = rootGradients('backward', outputs, gradTensors === null ? null : asList(gradTensors as Tensor));
  const inputs = options.inputs === null || options.inputs === undefined ? null : asList(options.inputs);
  if (inputs?.length === 0) throw rangeError('backward: inputs is empty; give at least one tensor, or leave it out.');
  const captures = inputs === null ? null : capturesOf('backward', inputs);
  const nodes = nodesOf(outputs);
  new Run({ keepGraph: options.retainGraph ?? createGraph, createGraph, captures, accumulate: true }).start(
    nodes,
    outputs.map((x) => x.outputIndex),
    grads,
  );
  if (captures === null || inputs === null) return;
  for (const [i, input] of inputs.entries()) {
    const { node, value } = captures[i]!;
    if (!(node instanceof AccumulateGrad) && value !== null) accumulate(input, value, createGraph);
  }
}

function capturesOf(op: string, inputs: readonly Tensor[]): Capture[] {
  return inputs.map((x, i) => {
    if (!x.requiresGrad)
      throw autogradError(`${op}: One of the differentiated Tensors does not require grad (input ${i}).`);
    return { node: x.gradFn ?? x.accumulator(), output: x.outputIndex, value: null };
  });
}

/** How {@link grad} runs. https://pytorch.org/docs/stable/generated/torch.autograd.grad.html */
export interface GradOptions {
  readonly gradOutputs?: Tensor | readonly (Tensor | null)[] | null;
  readonly retainGraph?: boolean | null;
  readonly createGraph?: boolean;
  readonly allowUnused?: boolean;
}

/**
 * The gradients of the sum of `outputs` with respect to `inputs`; no `.grad` is touched.
 * https://pytorch.org/docs/stable/generated/torch.autograd.grad.html
 * @returns one tensor per input, null where the graph does not use it (with allowUnused)
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions & { allowUnused: true },
): Several<Grad>;
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options?: GradOptions,
): Several<Tensor>;
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions = {},
): Grad[] {
  const list = asList(outputs);
  const wanted = asList(inputs);
  const createGraph = options.createGraph ?? false;
  const given = options.gradOutputs;
  const grads = rootGradients('grad', list, given === null || given === undefined ? null : asList(given as Tensor));
  const captures = capturesOf('grad', wanted);
  new Run({ keepGraph: options.retainGraph ?? createGraph, createGraph, captures, accumulate: false }).start(
    nodesOf(list),
    list.map((x) => x.outputIndex),
    grads,
  );
  if (!options.allowUnused) {
    for (const [i, capture] of captures.entries()) {
      if (capture.value === null) {
        throw autogradError(
          `grad: One of the differentiated Tensors appears to not have been used in the graph (input ${i}). Set allowUnused: true if this is the desired behavior.`,
        );
      }
    }
  }
  return captures.map((capture) => capture.value);
}

function asList<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}
