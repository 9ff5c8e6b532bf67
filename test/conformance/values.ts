// Builds the arguments of a case out of its arrays and its encoded values.
import { type CaseBase, decode, layOut, type TensorReference, type VectorArray } from '../vectors/reader.mjs';
import { type AnyTensor, call, construct, find, withOptions } from './library.js';

/** A tensor of the values of `array`, laid out with its strides. */
export function makeTensor(array: VectorArray, requiresGrad = false): AnyTensor {
  const { storage, stride } = layOut(array);
  const isComplex = array.dtype === 'complex64';
  const flat = call('tensor', storage, { dtype: isComplex ? 'float32' : array.dtype }) as AnyTensor;
  let tensor: AnyTensor;
  if (isComplex) {
    const pairs = call('view_as_complex', flat.reshape([storage.length / 2, 2])) as AnyTensor;
    tensor = array.stride ? pairs.asStrided(array.shape, stride) : pairs.reshape(array.shape);
  } else {
    tensor = array.stride && storage.length > 0 ? flat.asStrided(array.shape, stride) : flat.reshape(array.shape);
  }
  // No view of what it was built from.
  tensor = tensor.detach();
  return requiresGrad ? tensor.requiresGrad_(true) : tensor;
}

export interface MakeOptions {
  /** Whole floats as `ng.float(2)`, for calls where promotion tells 2 from 2.0; else as plain numbers. */
  readonly markFloats?: boolean;
  /** Use this tensor for an array instead of a new one. */
  readonly replace?: ReadonlyMap<number, AnyTensor>;
}

/** The tensors of one call, one for each array it names, and everything else decoded. */
export class Arguments {
  readonly tensors = new Map<number, AnyTensor>();

  constructor(
    readonly owner: CaseBase,
    readonly options: MakeOptions = {},
  ) {
    for (const [index, tensor] of options.replace ?? []) this.tensors.set(index, tensor);
  }

  tensor(index: number, requiresGrad = false): AnyTensor {
    let tensor = this.tensors.get(index);
    if (tensor === undefined) {
      tensor = makeTensor(this.owner.arrays[index]!, requiresGrad);
      this.tensors.set(index, tensor);
    }
    return tensor;
  }

  decode(value: unknown): unknown {
    if (isModule(value)) return this.module(value);
    if (Array.isArray(value)) return value.map((item) => this.decode(item));
    if (value !== null && typeof value === 'object' && !Object.keys(value).some((key) => key.startsWith('$'))) {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.decode(item)]));
    }
    return decode(value, this.owner, {
      tensor: (_array: VectorArray, reference: TensorReference, index: number) =>
        this.tensor(index, reference.grad === true),
      float: (number: number) => (this.options.markFloats && Number.isInteger(number) ? call('float', number) : number),
      slice: (start: unknown, stop: unknown, step: unknown) => call('slice', start, stop, step),
      complex: (re: unknown, im: unknown) => (find('complex_number') ? call('complex_number', re, im) : { re, im }),
    });
  }

  list(values: readonly unknown[]): unknown[] {
    return values.map((value) => this.decode(value));
  }

  /** `{"$module": name, args, kwargs}` as a module. */
  module(spec: ModuleSpec): unknown {
    const args = this.list(spec.args);
    const kwargs = this.decode(spec.kwargs ?? {}) as object;
    return construct(`nn.${spec.$module}`, ...withOptions(args, kwargs));
  }
}

export interface ModuleSpec {
  readonly $module: string;
  readonly args: readonly unknown[];
  readonly kwargs?: object;
}

function isModule(value: unknown): value is ModuleSpec {
  return value !== null && typeof value === 'object' && '$module' in value;
}

/** JSON's `{"$f":…}` as a number. */
export function number(value: unknown): number {
  if (typeof value === 'number') return value;
  const text = (value as { $f: number | string }).$f;
  return text === 'inf' ? Infinity : text === '-inf' ? -Infinity : text === 'nan' ? Number.NaN : Number(text);
}
