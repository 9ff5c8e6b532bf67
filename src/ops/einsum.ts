/** Einstein's summation. */
import { rangeError, typeError } from '../errors.js';
import { numberOfElements } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';

/** An operand's labels in order; the ellipsis stands for its own dimensions. */
type Labels = readonly string[];
const DOTS = '...';

interface Equation {
  readonly inputs: readonly Labels[];
  /** null: labels that come once, in alphabetical order, behind the ellipsis. */
  readonly output: Labels | null;
}

function parseTerm(term: string): Labels {
  const labels: string[] = [];
  let left = term.replaceAll(' ', '');
  while (left !== '') {
    if (left.startsWith(DOTS)) {
      if (labels.includes(DOTS))
        throw rangeError(`einsum: found two ellipses in ${JSON.stringify(term)}; one operand has one.`);
      labels.push(DOTS);
      left = left.slice(3);
    } else {
      if (!/[a-zA-Z]/.test(left[0]!))
        throw rangeError(
          `einsum: invalid subscript given: ${JSON.stringify(left[0])} in ${JSON.stringify(term)}; subscripts must be in [a-zA-Z].`,
        );
      labels.push(left[0]!);
      left = left.slice(1);
    }
  }
  return labels;
}

function parse(equation: string): Equation {
  const arrow = equation.indexOf('->');
  const left = arrow < 0 ? equation : equation.slice(0, arrow);
  return { inputs: left.split(',').map(parseTerm), output: arrow < 0 ? null : parseTerm(equation.slice(arrow + 2)) };
}

/** The form with lists of numbers: einsum(x, [0, 1], y, [1, 2], [0, 2]); '...' stands for the ellipsis. */
function parseLists(args: readonly unknown[]): { equation: Equation; operands: Tensor[] } {
  const operands: Tensor[] = [];
  const inputs: Labels[] = [];
  const labelsOf = (list: unknown): Labels => {
    if (!Array.isArray(list))
      throw typeError('einsum: expected a list of subscripts after each operand; give einsum(x, [0, 1], …).');
    return list.map((item: unknown) => {
      if (item === DOTS) return DOTS;
      if (typeof item !== 'number' || !Number.isInteger(item) || item < 0 || item >= 52)
        throw rangeError(`einsum: subscript ${String(item)} is not within the valid range [0, 52).`);
      return String.fromCharCode(item < 26 ? 65 + item : 97 + item - 26);
    });
  };
  let i = 0;
  for (; i + 1 < args.length; i += 2) {
    operands.push(args[i] as Tensor);
    inputs.push(labelsOf(args[i + 1]));
  }
  return { equation: { inputs, output: i < args.length ? labelsOf(args[i]) : null }, operands };
}

/** A label for each dimension the ellipses stand for, counted from the back, so that they broadcast. */
function spell(labels: Labels, rank: number, x: Tensor, i: number): string[] {
  const dims = x.shape.length - labels.filter((label) => label !== DOTS).length;
  if (dims < 0 || (dims > 0 && !labels.includes(DOTS))) {
    throw rangeError(
      `einsum: the number of subscripts in the equation (${labels.filter((l) => l !== DOTS).length}) does not match the number of dimensions (${x.shape.length}) for operand ${i}${labels.includes(DOTS) ? ' and the ellipsis' : ' and no ellipsis was given'}.`,
    );
  }
  return labels.flatMap((label) =>
    label === DOTS ? Array.from({ length: dims }, (_, d) => `.${rank - dims + d}`) : [label],
  );
}

/** Labels that an operand has twice become its diagonal. */
function diagonals(x: Tensor, labels: string[], i: number): { x: Tensor; labels: string[] } {
  let out = x;
  const seen: string[] = [];
  for (const label of labels) {
    const at = seen.indexOf(label);
    if (at < 0) {
      seen.push(label);
      continue;
    }
    const [a, b] = [out.shape[at]!, out.shape[seen.length]!];
    if (a !== b)
      throw rangeError(
        `einsum: subscript ${label} is repeated for operand ${i} but the sizes don't match, ${b} != ${a}.`,
      );
    out = out.diagonal(0, at, seen.length).movedim(-1, at);
  }
  return { x: out, labels: seen };
}

/** Sums products of a and b, both laid out by `labels`, over `summed`; the result keeps the places as size 1. */
function contract(a: Tensor, b: Tensor, summed: readonly number[]): Tensor {
  const isSummed = a.shape.map((_, d) => summed.includes(d));
  let left = a;
  let right = b;
  const shared: number[] = [];
  const batch: number[] = [];
  const onlyLeft: number[] = [];
  const onlyRight: number[] = [];
  for (let d = 0; d < a.shape.length; d++) {
    const [inLeft, inRight] = [a.shape[d] !== 1, b.shape[d] !== 1];
    if (isSummed[d]) {
      if (inLeft && inRight) {
        if (a.shape[d] !== b.shape[d])
          throw rangeError(`einsum: operands do not broadcast: sizes ${a.shape[d]} and ${b.shape[d]}.`);
        shared.push(d);
      } else if (inLeft) left = left.sum(d, true);
      else if (inRight) right = right.sum(d, true);
    } else if (inLeft && inRight) batch.push(d);
    else if (inLeft) onlyLeft.push(d);
    else onlyRight.push(d);
  }
  if (shared.length === 0) return left.mul(right);
  const sizes = (x: Tensor, dims: readonly number[]): number => numberOfElements(dims.map((d) => x.shape[d]!));
  const rest = isSummed.flatMap((value, d) => (value && !shared.includes(d) ? [d] : []));
  const rows = left
    .permute([...batch, ...onlyLeft, ...shared, ...onlyRight, ...rest])
    .reshape([sizes(left, batch), sizes(left, onlyLeft), sizes(left, shared)]);
  const columns = right
    .permute([...batch, ...shared, ...onlyRight, ...onlyLeft, ...rest])
    .reshape([sizes(right, batch), sizes(right, shared), sizes(right, onlyRight)]);
  const order = [...batch, ...onlyLeft, ...onlyRight, ...shared, ...rest];
  const shape = [
    ...batch.map((d) => left.shape[d]!),
    ...onlyLeft.map((d) => left.shape[d]!),
    ...onlyRight.map((d) => right.shape[d]!),
    ...shared.map(() => 1),
    ...rest.map(() => 1),
  ];
  const inverse = new Array<number>(order.length);
  order.forEach((d, i) => {
    inverse[d] = i;
  });
  return rows.bmm(columns).view(shape).permute(inverse);
}

/**
 * Sums of products, as an equation of subscripts says: `einsum('ij,jk->ik', x, y)`. Subscripts that are missing on the
 * right are summed over, a repeated one takes the diagonal, '...' stands for dimensions that broadcast.
 * https://pytorch.org/docs/stable/generated/torch.einsum.html
 */
export function einsum(equation: string, ...operands: (Tensor | readonly Tensor[])[]): Tensor;
export function einsum(...operandsAndLists: (Tensor | readonly (number | '...')[])[]): Tensor;
export function einsum(...args: readonly unknown[]): Tensor {
  let equation: Equation;
  let operands: Tensor[];
  if (typeof args[0] === 'string') {
    equation = parse(args[0]);
    operands = (Array.isArray(args[1]) ? args[1] : args.slice(1)) as Tensor[];
  } else ({ equation, operands } = parseLists(args));
  if (operands.length === 0) throw rangeError('einsum: must provide at least one operand.');
  for (const [i, x] of operands.entries()) checkTensor('einsum', x, `operand ${i}`);
  if (equation.inputs.length !== operands.length) {
    throw rangeError(
      `einsum: ${equation.inputs.length > operands.length ? 'fewer' : 'more'} operands were provided (${operands.length}) than specified in the equation (${equation.inputs.length}).`,
    );
  }
  const ellipsis = Math.max(
    0,
    ...operands.map((x, i) =>
      equation.inputs[i]!.includes(DOTS) ? x.shape.length - equation.inputs[i]!.length + 1 : 0,
    ),
  );
  const parts = operands.map((x, i) => diagonals(x, spell(equation.inputs[i]!, ellipsis, x, i), i));
  const output = outputLabels(
    equation,
    parts.flatMap((part) => part.labels),
    equation.inputs,
    ellipsis,
  );
  const order = [
    ...output,
    ...new Set(parts.flatMap((part) => part.labels).filter((label) => !output.includes(label))),
  ];
  checkSizes(parts, order);
  const laid = parts.map((part) => layOut(part.x, part.labels, order));
  let result = laid[0]!;
  if (laid.length === 1) {
    const summed = order.map((_, d) => d).slice(output.length);
    return summed.length === 0 ? result : result.sum(summed);
  }
  for (let i = 1; i < laid.length; i++) {
    // A subscript is summed over as soon as no later operand has it.
    const summed = order.flatMap((label, d) =>
      d >= output.length && !parts.slice(i + 1).some((part) => part.labels.includes(label)) ? [d] : [],
    );
    result = contract(result, laid[i]!, summed);
  }
  return order.length === output.length ? result : result.view(result.shape.slice(0, output.length));
}

function outputLabels(
  equation: Equation,
  all: readonly string[],
  inputs: readonly Labels[],
  ellipsis: number,
): string[] {
  const dots = Array.from({ length: ellipsis }, (_, d) => `.${d}`);
  if (equation.output === null) {
    const letters = inputs.flat().filter((label) => label !== DOTS);
    return [
      ...dots,
      ...[...new Set(letters)].filter((label) => letters.indexOf(label) === letters.lastIndexOf(label)).sort(),
    ];
  }
  const seen = new Set<string>();
  for (const label of equation.output) {
    if (label === DOTS) continue;
    if (!all.includes(label))
      throw rangeError(`einsum: output subscript ${label} does not appear in the equation for any input operand.`);
    if (seen.has(label)) throw rangeError(`einsum: output subscript ${label} appears more than once in the output.`);
    seen.add(label);
  }
  return equation.output.flatMap((label) => (label === DOTS ? dots : [label]));
}

function checkSizes(parts: readonly { x: Tensor; labels: string[] }[], order: readonly string[]): void {
  for (const label of order) {
    let size = 1;
    for (const [i, part] of parts.entries()) {
      const at = part.labels.indexOf(label);
      const n = at < 0 ? 1 : part.x.shape[at]!;
      if (n === 1) continue;
      if (size !== 1 && n !== size) {
        throw rangeError(
          `einsum: operands do not broadcast with remapped shapes: subscript ${label} has size ${n} for operand ${i} which does not broadcast with previously seen size ${size}.`,
        );
      }
      size = n;
    }
  }
}

/** x with its dimensions in the order of all labels, size 1 where it has none. */
function layOut(x: Tensor, labels: readonly string[], order: readonly string[]): Tensor {
  let out = x.permute(order.flatMap((label) => (labels.includes(label) ? [labels.indexOf(label)] : [])));
  order.forEach((label, d) => {
    if (!labels.includes(label)) out = out.unsqueeze(d);
  });
  return out;
}
