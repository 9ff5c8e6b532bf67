import { tensor } from '../creation.js';
import { rangeError, typeError } from '../errors.js';
import { stack } from '../ops/joining.js';
import { isOptions } from '../ops/options.js';
import { FloatScalar, isScalar, type Scalar } from '../promotion.js';
import { Tensor } from '../tensor.js';

/** What makes a batch of samples. */
export type Collate = (samples: never[]) => unknown;

/** What {@link defaultCollate} makes of samples of type `T`. */
export type Collated<T> = unknown extends T
  ? unknown
  : T extends Promise<infer Value>
    ? Collated<Value>
    : T extends Tensor | Scalar | ArrayBufferView
      ? Tensor
      : T extends string
        ? string[]
        : T extends readonly unknown[]
          ? { -readonly [K in keyof T]: Collated<T[K]> }
          : T extends ReadonlyMap<infer Key, infer Value>
            ? Map<Key, Collated<Value>>
            : T extends object
              ? { -readonly [K in keyof T]: Collated<T[K]> }
              : unknown;

/**
 * A batch of a list of samples: tensors are stacked, numbers become a tensor, arrays and objects are collated entry by
 * entry, strings stay a list.
 * https://pytorch.org/docs/stable/data.html#torch.utils.data.default_collate
 */
export function defaultCollate<T>(samples: readonly T[]): Collated<T>;
export function defaultCollate(samples: readonly unknown[]): unknown {
  const first = samples[0];
  if (samples.length === 0) throw rangeError('defaultCollate: the batch is empty.');
  if (first instanceof Tensor) return stack(samples as Tensor[], 0);
  if (typeof first === 'number' || typeof first === 'bigint' || typeof first === 'boolean' || isScalar(first)) {
    const isFloat = samples.some((x) => x instanceof FloatScalar || (typeof x === 'number' && !Number.isInteger(x)));
    // Python's floats are doubles, and default_collate keeps them so.
    return tensor(samples as Scalar[], isFloat ? { dtype: 'float64' } : {});
  }
  if (typeof first === 'string') return [...samples];
  if (ArrayBuffer.isView(first))
    return stack(
      samples.map((x) => tensor(x as Float32Array)),
      0,
    );
  if (Array.isArray(first)) {
    const lists = samples as unknown[][];
    if (lists.some((x) => x.length !== first.length))
      throw rangeError('defaultCollate: each element in list of batch should be of equal size.');
    return first.map((_, i) => defaultCollate(lists.map((x) => x[i])));
  }
  if (first instanceof Map)
    return new Map(
      [...first.keys()].map((key) => [key, defaultCollate(samples.map((x) => (x as Map<unknown, unknown>).get(key)))]),
    );
  if (isOptions(first)) {
    return Object.fromEntries(
      Object.keys(first).map((key) => [key, defaultCollate(samples.map((x) => (x as Record<string, unknown>)[key]))]),
    );
  }
  throw typeError(
    `defaultCollate: batch must contain tensors, numbers, objects or arrays; found ${typeof first}; give a collateFn.`,
  );
}

/** Without batching: numbers and typed arrays become tensors, all else stays. */
export function defaultConvert(sample: unknown): unknown {
  if (ArrayBuffer.isView(sample)) return tensor(sample as Float32Array);
  if (Array.isArray(sample)) return sample.map(defaultConvert);
  if (isOptions(sample))
    return Object.fromEntries(Object.entries(sample).map(([key, value]) => [key, defaultConvert(value)]));
  return sample;
}
