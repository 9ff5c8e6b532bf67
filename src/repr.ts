import { DTYPES, type DType } from './dtype.js';
import { floatRepr } from './pythonNumber.js';

/** An object with a method of this name decides how {@link repr} writes it. */
export const reprSymbol: unique symbol = Symbol.for('nodegrad.repr') as never;

const inspect = Symbol.for('nodejs.util.inspect.custom');

export interface ReprOptions {
  /** Write arrays as tuples, `(1, 2)`, at every depth. */
  tuples?: boolean;
}

/** An array that prints as a Python tuple. */
export class Tuple<T = unknown> extends Array<T> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  constructor(items: readonly T[]) {
    super(items.length);
    for (let i = 0; i < items.length; i++) this[i] = items[i]!;
  }

  [reprSymbol](inner: (value: unknown) => string): string {
    return tupleText(this.map(inner));
  }

  override toString(): string {
    return repr(this);
  }

  [inspect](): string {
    return repr(this);
  }
}

/** `tuple(1, 2)` prints as `(1, 2)`. */
export function tuple<T>(...items: T[]): Tuple<T> {
  return new Tuple(items);
}

/** A Map that prints as Python's `OrderedDict([('a', 1)])`, as state dicts do. */
export class OrderedDict<V = unknown> extends Map<string, V> {
  /** What PyTorch keeps beside a state dict's entries (`_metadata`: each module's version); not printed. */
  metadata: unknown = null;

  [reprSymbol](inner: (value: unknown) => string): string {
    if (this.size === 0) return 'OrderedDict()';
    const items = [...this].map(([key, value]) => `(${inner(key)}, ${inner(value)})`);
    return `OrderedDict([${items.join(', ')}])`;
  }

  override toString(): string {
    return repr(this);
  }

  [inspect](): string {
    return repr(this);
  }
}

/** `torch.float32`. */
export function dtypeRepr(dtype: DType): string {
  return `torch.${dtype}`;
}

function tupleText(parts: readonly string[]): string {
  return parts.length === 1 ? `(${parts[0]},)` : `(${parts.join(', ')})`;
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A string in Python's quotes: single ones, unless that would need escaping and double ones would not. */
function stringRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = quote;
  for (const character of text) {
    const point = character.codePointAt(0)!;
    if (escapes[character] !== undefined) out += escapes[character];
    else if (character === quote) out += `\\${character}`;
    else if (character === ' ' || !/[\p{C}\p{Z}]/u.test(character)) out += character;
    else if (point < 0x100) out += `\\x${point.toString(16).padStart(2, '0')}`;
    else if (point < 0x10000) out += `\\u${point.toString(16).padStart(4, '0')}`;
    else out += `\\U${point.toString(16).padStart(8, '0')}`;
  }
  return out + quote;
}

function numberRepr(value: number): string {
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : floatRepr(value);
}

interface HasRepr {
  [reprSymbol](inner: (value: unknown) => string): string;
}

function hasRepr(value: object): value is HasRepr {
  return typeof (value as Partial<HasRepr>)[reprSymbol] === 'function';
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * A value as Python's `repr` writes it: `True`, `None`, `1e-05`, `'text'`, `[1, 2]`, `{'a': 1}`, `torch.Size([2, 3])`,
 * `OrderedDict([('weight', tensor([1.]))])`. A whole number prints as an int, any other as a float.
 *
 * Maps and plain objects are dicts, Sets are sets, arrays are lists (tuples with `{ tuples: true }` or {@link tuple}).
 * Objects with a {@link reprSymbol} method write themselves; it is given the function that writes inner values.
 */
export function repr(value: unknown, options: ReprOptions = {}): string {
  const open = new Set<object>();

  /** Python's own mark for a container inside itself. */
  const guarded = (container: object, mark: string, write: () => string): string => {
    if (open.has(container)) return mark;
    open.add(container);
    try {
      return write();
    } finally {
      open.delete(container);
    }
  };

  const dict = (entries: Iterable<readonly [unknown, unknown]>): string =>
    `{${Array.from(entries, ([key, item]) => `${inner(key)}: ${inner(item)}`).join(', ')}}`;

  const inner = (item: unknown): string => {
    switch (typeof item) {
      case 'undefined':
        return 'None';
      case 'boolean':
        return item ? 'True' : 'False';
      case 'number':
        return numberRepr(item);
      case 'bigint':
        return String(item);
      case 'string':
        return stringRepr(item);
      case 'symbol':
        return String(item);
    }
    if (item === null || item === undefined) return 'None';
    if (hasRepr(item)) return guarded(item, '...', () => item[reprSymbol](inner));
    if (typeof item === 'function') return `<function ${item.name || '<lambda>'}>`;
    if (Array.isArray(item)) {
      return options.tuples
        ? guarded(item, '(...)', () => tupleText(item.map(inner)))
        : guarded(item, '[...]', () => `[${item.map(inner).join(', ')}]`);
    }
    if (ArrayBuffer.isView(item) && !(item instanceof DataView)) {
      return `[${Array.from(item as unknown as ArrayLike<unknown>, inner).join(', ')}]`;
    }
    if (item instanceof Map) return guarded(item, '{...}', () => dict(item));
    if (item instanceof Set) {
      if (item.size === 0) return 'set()';
      return guarded(item, '{...}', () => `{${Array.from(item, inner).join(', ')}}`);
    }
    const dtype = (item as { name?: unknown }).name;
    if (typeof dtype === 'string' && Object.hasOwn(DTYPES, dtype) && DTYPES[dtype as DType] === item) {
      return dtypeRepr(dtype as DType);
    }
    if (isPlain(item)) return guarded(item, '{...}', () => dict(Object.entries(item)));
    return item.toString === Object.prototype.toString ? `<${item.constructor.name} object>` : String(item);
  };

  return inner(value);
}
