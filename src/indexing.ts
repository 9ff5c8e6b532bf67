import { typeError } from './errors.js';
import { describe } from './shape.js';
import type { Tensor } from './tensor.js';

/** An end or step of a {@link Slice}: a whole number, a 0-d integer tensor, or null for the whole way. */
export type SliceBound = number | bigint | Tensor | null;

/** Every `step`-th element from `start` on, before `stop`: Python's slice object. Made by {@link slice}. */
export class Slice {
  constructor(
    readonly start: number | null,
    readonly stop: number | null,
    readonly step: number,
  ) {}

  toString(): string {
    return `${this.start ?? ''}:${this.stop ?? ''}${this.step === 1 ? '' : `:${this.step}`}`;
  }
}

function bound(value: SliceBound | undefined, name: string): number | null {
  if (value === null || value === undefined) return null;
  const number = Number(value);
  if (!Number.isInteger(number)) {
    throw typeError(`slice: ${name} must be a whole number, a 0-d integer tensor or null, not ${describe(value)}.`);
  }
  return number;
}

/**
 * The index `start:stop:step` for `at` and `setAt`; null stands for what Python leaves out. One argument is the stop.
 * @example x.at(slice(1, 3), slice()) // x[1:3, :]
 */
export function slice(
  ...bounds: [stop?: SliceBound] | [start: SliceBound, stop: SliceBound, step?: SliceBound]
): Slice {
  const [start, stop, step] =
    bounds.length < 2 ? [null, bounds[0], null] : (bounds as [SliceBound, SliceBound, SliceBound?]);
  return new Slice(bound(start, 'start'), bound(stop, 'stop'), bound(step, 'step') ?? 1);
}

/** Arrays of whole numbers or booleans, which index like the tensor made of them. */
export type IndexArray = readonly (number | bigint | boolean | IndexArray)[];

/**
 * One part of an index: a whole number; a {@link Slice} or its spelling (`'1:3'`, `':'`, `'::2'`), `'...'` for all
 * dimensions that are left, null for a new one, a boolean, a mask, an integer tensor, or an array like one of these.
 * A string may hold several parts, separated by commas: `x.at(':2, -1')`.
 */
export type IndexItem = number | bigint | boolean | null | string | Slice | Tensor | IndexArray;

/**
 * The items of an index that is given as one array, as `setAt` takes it: one that holds what no index array holds, a
 * string, slice, null or tensor. Numbers and booleans alone are an index array, which picks those rows.
 */
export function itemsOf(items: readonly IndexItem[] | readonly [items: readonly IndexItem[]]): readonly IndexItem[] {
  const [first] = items;
  if (items.length !== 1 || !Array.isArray(first)) return items as readonly IndexItem[];
  const isIndex = (first as readonly unknown[]).some(
    (item) => typeof item === 'string' || (typeof item === 'object' && !Array.isArray(item)),
  );
  return isIndex ? (first as readonly IndexItem[]) : (items as readonly IndexItem[]);
}

/** An {@link IndexItem} with its spellings resolved. */
export type ParsedItem = number | boolean | null | '...' | Slice | Tensor | IndexArray;

const WHOLE = /^[+-]?\d+$/;
const SLICE = /^([+-]?\d+)?\s*:\s*([+-]?\d+)?\s*(?::\s*([+-]?\d+)?)?$/;

function parseText(op: string, text: string): ParsedItem {
  const part = text.trim();
  if (part === '...') return '...';
  if (part === 'null' || part === 'None') return null;
  if (WHOLE.test(part)) return Number(part);
  const match = SLICE.exec(part);
  if (match === null) {
    throw typeError(
      `${op}: '${text}' is no index; give whole numbers, slices like '1:3', '...', null, masks or index tensors.`,
    );
  }
  const [start, stop, step] = match.slice(1).map((digits) => (digits === undefined ? null : Number(digits)));
  return slice(start!, stop!, step!);
}

/** Resolves the spellings of index items. @throws TypeError for what is no index */
export function parseIndex(op: string, items: readonly IndexItem[]): ParsedItem[] {
  const parsed: ParsedItem[] = [];
  for (const item of items) {
    if (typeof item === 'string') {
      for (const part of item.split(',')) parsed.push(parseText(op, part));
    } else if (typeof item === 'number' || typeof item === 'bigint') {
      if (!Number.isInteger(Number(item))) {
        throw typeError(
          `${op}: only integers, slices (':'), ellipsis ('...'), null and long or byte tensors are valid indices (got ${item}).`,
        );
      }
      parsed.push(Number(item));
    } else if (item === null || typeof item === 'boolean' || item instanceof Slice || Array.isArray(item)) {
      parsed.push(item);
    } else if (typeof item === 'object' && 'dtypeInfo' in item) {
      parsed.push(item);
    } else {
      throw typeError(
        `${op}: only integers, slices (':'), ellipsis ('...'), null and long or byte tensors are valid indices (got ${describe(item)}).`,
      );
    }
  }
  return parsed;
}
