import type { DType } from './dtype.js';
import { rangeError, typeError } from './errors.js';
import { exponential, fixed } from './pythonNumber.js';
import { describe, numberOfElements } from './shape.js';

/** One element: complex ones are `[real, imaginary]`. */
export type Element = number | bigint | boolean | readonly [number, number];

/** What printing needs of a tensor. Only the elements that are shown get asked for. */
export interface TensorView {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** The element at a row-major index. */
  at(index: number): Element;
}

/** What stands around the numbers. */
export interface TensorSuffixes {
  /** The class name in front of the bracket. */
  readonly prefix?: string;
  /** Name of the node that made it, `AddBackward0`. */
  readonly gradFn?: string | null;
  readonly requiresGrad?: boolean;
  readonly parameter?: boolean;
  /** The float dtype that needs no mention. */
  readonly defaultDtype?: DType;
}

/** How tensors are printed. https://pytorch.org/docs/stable/generated/torch.set_printoptions.html */
export interface PrintOptions {
  /** Digits after the point. */
  precision: number;
  /** More elements than this are summarised. */
  threshold: number;
  /** Elements shown at each end of a summarised dimension. */
  edgeitems: number;
  /** Characters a line. */
  linewidth: number;
  /** Scientific notation: always, never, or (null) where the values call for it. */
  sciMode: boolean | null;
}

/** What `setPrintoptions` takes: any of the options, and a named set to start from. */
export interface PrintSettings extends Partial<PrintOptions> {
  profile?: 'default' | 'short' | 'full';
}

const defaults: PrintOptions = { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80, sciMode: null };
const profiles: Record<string, Partial<PrintOptions>> = {
  default: { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80 },
  short: { precision: 2, threshold: 1000, edgeitems: 2, linewidth: 80 },
  full: { precision: 4, threshold: Number.POSITIVE_INFINITY, edgeitems: 3, linewidth: 80 },
};

let options: PrintOptions = { ...defaults };

/** The options in force. */
export function getPrintoptions(): Readonly<PrintOptions> {
  return { ...options };
}

/**
 * Sets how tensors print. What is not given stays, except `sciMode`, which returns to automatic, as in PyTorch.
 *
 * @throws RangeError for a precision outside 0 to 100, edge items or a line width that are not whole, or an unknown profile.
 */
export function setPrintoptions(settings: PrintSettings = {}): void {
  const { profile, ...given } = settings;
  if (profile !== undefined && !Object.hasOwn(profiles, profile)) {
    throw rangeError(`setPrintoptions: profile ${describe(profile)} is unknown; use 'default', 'short' or 'full'.`);
  }
  const next: PrintOptions = {
    ...options,
    ...(profile === undefined ? {} : profiles[profile]),
    sciMode: given.sciMode ?? null,
  };
  for (const name of ['precision', 'threshold', 'edgeitems', 'linewidth'] as const) {
    const value = given[name];
    if (value === undefined || value === null) continue;
    if (typeof value !== 'number')
      throw typeError(`setPrintoptions: ${name} must be a number, not ${describe(value)}.`);
    const whole = Number.isInteger(value) || (name === 'threshold' && value === Number.POSITIVE_INFINITY);
    if (!whole || value < 0 || (name === 'precision' && value > 100)) {
      throw rangeError(
        `setPrintoptions: ${name} is ${value}; give a whole number ≥ 0${name === 'precision' ? ' and ≤ 100' : ''}.`,
      );
    }
    next[name] = value;
  }
  options = next;
}

/** A view of flat row-major data; complex data has real and imaginary parts in turn. */
export function viewOf(shape: readonly number[], dtype: DType, data: ArrayLike<number | bigint | boolean>): TensorView {
  if (dtype === 'complex64') return { shape, dtype, at: (i) => [Number(data[2 * i]!), Number(data[2 * i + 1]!)] };
  if (dtype === 'bool') return { shape, dtype, at: (i) => Boolean(data[i]!) };
  return { shape, dtype, at: (i) => data[i]! };
}

/** How one column of numbers is written: all of one width. */
interface Formatter {
  readonly width: number;
  format(value: number | bigint | boolean): string;
}

function wholeFormatter(values: readonly (number | bigint | boolean)[]): Formatter {
  const text = (value: number | bigint | boolean): string =>
    typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
  let width = 1;
  for (const value of values) width = Math.max(width, text(value).length);
  return { width, format: (value) => text(value).padStart(width) };
}

/** Integers are written `1.`, a wide range of magnitudes in scientific notation, the rest with `precision` digits. */
function floatFormatter(values: readonly number[]): Formatter {
  const { precision, sciMode } = options;
  const shown = values.filter((value) => Number.isFinite(value) && value !== 0);
  const whole = (value: number): string => fixed(value, 0) + (Number.isFinite(value) ? '.' : '');
  const decimal = (value: number): string => fixed(value, precision);
  const scientific = (value: number): string => exponential(value, precision);
  if (shown.length === 0) return { width: 1, format: (value) => whole(Number(value)) };
  let smallest = Number.POSITIVE_INFINITY;
  let largest = 0;
  let allWhole = true;
  for (const value of shown) {
    const magnitude = Math.abs(value);
    if (magnitude < smallest) smallest = magnitude;
    if (magnitude > largest) largest = magnitude;
    if (!Number.isInteger(value)) allWhole = false;
  }
  const spread = largest / smallest > 1000 || largest > 1e8 || (!allWhole && smallest < 1e-4);
  const plain = allWhole ? whole : decimal;
  // The width is that of the notation the values call for, even where sciMode then overrules it.
  const measured = spread ? scientific : plain;
  let width = 1;
  for (const value of shown) width = Math.max(width, measured(value).length);
  const written = (sciMode ?? spread) ? scientific : plain;
  return { width, format: (value) => written(Number(value)).padStart(width) };
}

/** Row-major indices of the elements that are shown, as nested lists with null for an ellipsis. */
type Shown = number | null | Shown[];

function shownIndices(shape: readonly number[], dim: number, offset: number, summarize: boolean): Shown {
  if (dim === shape.length) return offset;
  const size = shape[dim]!;
  let stride = 1;
  for (let i = dim + 1; i < shape.length; i++) stride *= shape[i]!;
  const rows: Shown[] = [];
  const edge = options.edgeitems;
  const cut = summarize && size > 2 * edge;
  for (let i = 0; i < size; i++) {
    if (cut && i === edge) {
      rows.push(null);
      i = size - edge;
      if (i === size) break;
    }
    rows.push(shownIndices(shape, dim + 1, offset + i * stride, summarize));
  }
  return rows;
}

function collect(shown: Shown, view: TensorView, into: Map<number, Element>): void {
  if (shown === null) return;
  if (typeof shown === 'number') into.set(shown, view.at(shown));
  else for (const part of shown) collect(part, view, into);
}

/** The text of one element, and how wide an element is. */
interface ElementWriter {
  readonly width: number;
  write(value: Element): string;
}

function elementWriter(dtype: DType, values: readonly Element[]): ElementWriter {
  if (dtype === 'complex64') {
    const pairs = values as readonly (readonly [number, number])[];
    const real = floatFormatter(pairs.map((pair) => pair[0]));
    const imaginary = floatFormatter(pairs.map((pair) => pair[1]));
    return {
      width: real.width + imaginary.width + 1,
      write: (value) => {
        const pair = value as readonly [number, number];
        const text = `${imaginary.format(pair[1])}j`.trimStart();
        return real.format(pair[0]) + (text.startsWith('-') ? '' : '+') + text;
      },
    };
  }
  const isFloat = dtype === 'float32' || dtype === 'float64' || dtype === 'float16' || dtype === 'bfloat16';
  const formatter = isFloat
    ? floatFormatter(values as readonly number[])
    : wholeFormatter(values as readonly (number | bigint | boolean)[]);
  return { width: formatter.width, write: (value) => formatter.format(value as number | bigint | boolean) };
}

function writeShown(
  shown: Shown,
  depth: number,
  indent: number,
  writer: ElementWriter,
  values: ReadonlyMap<number, Element>,
): string {
  if (shown === null) return '...';
  if (typeof shown === 'number') return writer.write(values.get(shown)!);
  if (depth > 1) {
    const parts = shown.map((part) => writeShown(part, depth - 1, indent + 1, writer, values));
    return `[${parts.join(`,${'\n'.repeat(depth - 1)}${' '.repeat(indent + 1)}`)}]`;
  }
  const perLine = Math.max(1, Math.floor((options.linewidth - indent) / (writer.width + 2)));
  const items = shown.map((item) => (item === null ? ' ...' : writer.write(values.get(item as number)!)));
  const lines: string[] = [];
  for (let i = 0; i < items.length; i += perLine) lines.push(items.slice(i, i + perLine).join(', '));
  return `[${lines.join(`,\n${' '.repeat(indent + 1)}`)}]`;
}

function contents(view: TensorView, indent: number): string {
  const n = numberOfElements(view.shape);
  if (n === 0) return '[]';
  const shown = shownIndices(view.shape, 0, 0, n > options.threshold);
  const values = new Map<number, Element>();
  collect(shown, view, values);
  const writer = elementWriter(view.dtype, [...values.values()]);
  return writeShown(shown, view.shape.length, indent, writer, values);
}

/**
 * A tensor as PyTorch prints it, character for character: `tensor([1., 2.], requires_grad=True)`.
 *
 * @param view The tensor's shape, dtype and elements.
 * @param suffixes What stands around the numbers: grad_fn, requires_grad, the class name.
 */
export function formatTensor(view: TensorView, suffixes: TensorSuffixes = {}): string {
  const prefix = `${suffixes.prefix ?? 'tensor'}(`;
  const indent = prefix.length;
  const defaultDtype = suffixes.defaultDtype ?? 'float32';
  const parts: string[] = [];
  if (numberOfElements(view.shape) === 0) {
    if (view.shape.length !== 1) parts.push(`size=(${view.shape.join(', ')})`);
    if (view.dtype !== defaultDtype) parts.push(`dtype=torch.${view.dtype}`);
  } else if (
    view.dtype !== defaultDtype &&
    view.dtype !== 'int64' &&
    view.dtype !== 'bool' &&
    !(view.dtype === 'complex64' && defaultDtype !== 'float64')
  ) {
    parts.push(`dtype=torch.${view.dtype}`);
  }
  if (suffixes.gradFn) parts.push(`grad_fn=<${suffixes.gradFn}>`);
  else if (suffixes.requiresGrad) parts.push('requires_grad=True');

  let text = prefix + contents(view, indent);
  // Two more than the last line holds: PyTorch's own count, which decides where a suffix wraps.
  let lineLength = text.length - text.lastIndexOf('\n') + 1;
  for (const part of parts) {
    if (lineLength + part.length + 2 > options.linewidth) {
      text += `,\n${' '.repeat(indent)}${part}`;
      lineLength = indent + part.length;
    } else {
      text += `, ${part}`;
      lineLength += part.length + 2;
    }
  }
  return `${suffixes.parameter ? 'Parameter containing:\n' : ''}${text})`;
}
