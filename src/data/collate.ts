import { tensor } from '../creation.js';
import { rangeError, typeError } from '../errors.js';
import { stack } from '../ops/joining.js';
import { isOptions } from '../ops/options.js';
import { FloatScalar, isScalar, type Scalar } from '../promotion.js';
import { repr } from '../repr.js';
import { describe } from '../shape.js';
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
  if (first instanceof Map) {
    const maps = samples as Map<unknown, unknown>[];
    return new Map(
      [...first.keys()].map((key) => {
        const lacking = maps.findIndex((map) => !(map instanceof Map && map.has(key)));
        if (lacking >= 0) throw missing(key, lacking);
        return [key, defaultCollate(maps.map((map) => map.get(key)))];
      }),
    );
  }
  if (isOptions(first)) {
    const objects = samples as Record<string, unknown>[];
    return Object.fromEntries(
      Object.keys(first).map((key) => {
        const lacking = objects.findIndex((object) => !(isOptions(object) && Object.hasOwn(object, key)));
        if (lacking >= 0) throw missing(key, lacking);
        return [key, defaultCollate(objects.map((object) => object[key]))];
      }),
    );
  }
  throw typeError(
    `defaultCollate: batch must contain tensors, numbers, objects or arrays; found ${describe(first)}; give a collateFn.`,
  );
}

function missing(key: unknown, sample: number): RangeError {
  return rangeError(
    `defaultCollate: ${repr(key)} of the first sample is not in sample ${sample} of the batch; give all the same names, or a collateFn.`,
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
