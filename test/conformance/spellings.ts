// The ways PyTorch spells an operator call, in the library's names.
import type { Header } from '../vectors/reader.mjs';
import {
  type AnyTensor,
  type Callable,
  call,
  callMethod,
  camel,
  find,
  isTensor,
  tensorHas,
  withOptions,
} from './library.js';
import type { Arguments } from './values.js';

export interface OpCall {
  readonly op: string;
  readonly variant: string;
  readonly args: readonly unknown[];
  readonly kwargs?: object;
  readonly call: readonly string[] | string;
}

export interface Spelling {
  /** How a user writes it. */
  readonly name: string;
  readonly call: (args: Arguments) => unknown;
  /** Whether the recorded grad_fn is not this spelling's: x.norm is torch.norm, not the recorded torch.linalg.norm. */
  readonly otherGradFn?: boolean;
}

interface MissingSpelling {
  readonly name: string;
  readonly call: null;
}

export const isPresent = (spelling: Spelling | MissingSpelling): spelling is Spelling => spelling.call !== null;

type Parts = { values: unknown[]; kwargs: object };
type Special = { needs: readonly string[]; call: (parts: Parts) => unknown };

const self = (parts: Parts): AnyTensor => parts.values[0] as AnyTensor;
const other = (parts: Parts): unknown => parts.values[1];
const reflected = (op: string): Special => ({ needs: [op], call: (parts) => call(op, self(parts), other(parts)) });
const swapped = (op: string): Special => ({ needs: [op], call: (parts) => call(op, other(parts), self(parts)) });

/** What has no spelling of its own in JavaScript, or is called through a lambda by PyTorch's tests. */
const SPECIAL: Record<string, Special> = {
  __radd__: reflected('add'),
  __rmul__: reflected('mul'),
  __rsub__: reflected('rsub'),
  __rand__: reflected('bitwise_and'),
  __ror__: reflected('bitwise_or'),
  __rxor__: reflected('bitwise_xor'),
  // Python's __rpow__ makes a new tensor of the base, which has no part in the graph.
  __rpow__: {
    needs: ['pow', 'result_type'],
    call: (parts) => {
      const exponent = self(parts);
      if (!isTensor(exponent)) throw new TypeError('__rpow__: is a method of tensors');
      const base = other(parts);
      const dtype = call('result_type', base, exponent);
      return call('pow', isTensor(base) ? base.detach() : call('tensor', base, { dtype }), exponent);
    },
  },
  __rmod__: swapped('remainder'),
  __rmatmul__: swapped('matmul'),
  __rdiv__: {
    needs: ['reciprocal', 'mul'],
    call: (parts) => (call('reciprocal', self(parts)) as AnyTensor).mul(other(parts)),
  },
  __getitem__: { needs: ['Tensor.at'], call: (parts) => self(parts).at(...indexItems(other(parts))) },
  __setitem__: {
    needs: ['Tensor.set_at'],
    call: (parts) => {
      const y = self(parts).clone();
      y.setAt(indexItems(other(parts)), parts.values[2]);
      return y;
    },
  },
  __bool__: { needs: ['Tensor.item'], call: (parts) => callMethod(self(parts), 'item') },
  slice: {
    needs: ['Tensor.at', 'slice'],
    call: ({ values }) => {
      const [x, dim = 0, start = null, end = null, step = 1] = values as [
        AnyTensor,
        number?,
        number?,
        number?,
        number?,
      ];
      const axis = Number(dim) < 0 ? Number(dim) + x.shape.length : Number(dim);
      const stop = typeof end === 'bigint' || Number(end) > Number.MAX_SAFE_INTEGER ? null : end;
      const leading = Array.from({ length: axis }, () => call('slice', null, null, null));
      return x.at(...leading, call('slice', start, stop, step));
    },
  },
  'linalg.pinv~singular': {
    needs: ['linalg.pinv'],
    call: (parts) => {
      const b = other(parts) as AnyTensor & { mT: AnyTensor };
      return call('linalg.pinv', callMethod(self(parts), 'matmul', b.mT));
    },
  },
};

/** Where the lambda only gives the arguments another order. */
const REORDERED: Record<string, (parts: Parts) => unknown[]> = {
  einsum: ({ values: [tensors, equation] }) => [equation, ...(tensors as unknown[])],
  'nn.functional.embedding': ({ values: [weight, ids, ...rest], kwargs }) =>
    withOptions([ids, weight, ...rest], kwargs),
};

/** Items of an index; a bare item is an index of one. */
function indexItems(index: unknown): unknown[] {
  return Array.isArray(index) ? index : [index];
}

function has(path: string): boolean {
  return path.startsWith('Tensor.') ? tensorHas(path.slice(7)) : typeof find(path) === 'function';
}

function partsOf(c: OpCall, args: Arguments): Parts {
  const values = args.list(c.args);
  // An op that works in place, called by its own name, must not change a leaf.
  if (c.op.endsWith('_') && !c.op.startsWith('__') && isTensor(values[0])) {
    const copy = values[0].clone();
    values[0] = copy;
  }
  return { values, kwargs: args.decode(c.kwargs ?? {}) as object };
}

function lambdaSpelling(c: OpCall): Spelling | MissingSpelling {
  const special = SPECIAL[`${c.op}~${c.variant}`] ?? SPECIAL[c.op];
  if (special !== undefined) {
    if (!special.needs.every(has)) return { name: c.op, call: null };
    return { name: c.op, call: (args) => special.call(partsOf(c, args)) };
  }
  if (typeof find(c.op) !== 'function') return { name: c.op, call: null };
  const order = REORDERED[c.op] ?? ((parts: Parts) => withOptions(parts.values, parts.kwargs));
  return { name: `ng.${camelPath(c.op)}`, call: (args) => call(c.op, ...order(partsOf(c, args))) };
}

function functionSpelling(c: OpCall, path: string): Spelling | MissingSpelling {
  const name = `ng.${camelPath(path)}`;
  const found = find(path);
  if (typeof found !== 'function') return { name, call: null };
  return {
    name,
    call: (args) => {
      const { values, kwargs } = partsOf(c, args);
      return (found as Callable)(...withOptions(values, kwargs));
    },
  };
}

function methodSpelling(c: OpCall, method: string): Spelling | MissingSpelling {
  const name = `x.${camel(method)}`;
  if (!tensorHas(method)) return { name, call: null };
  return {
    name,
    call: (args) => {
      const { values, kwargs } = partsOf(c, args);
      return callMethod(values[0], method, ...withOptions(values.slice(1), kwargs));
    },
  };
}

const camelPath = (path: string): string => path.split('.').map(camel).join('.');

/** Every spelling of the case's call; one whose function or method is not exported has no call. */
export function resolveCalls(c: OpCall, header: Header): (Spelling | MissingSpelling)[] {
  const kinds = [c.call].flat();
  const key = c.variant === '' ? c.op : `${c.op}~${c.variant}`;
  const table = header.ops as Record<string, { calls?: Record<string, string> }> | undefined;
  const recorded = (table?.[key] ?? table?.[c.op])?.calls ?? {};
  if (SPECIAL[c.op] !== undefined && c.op !== 'slice') return [lambdaSpelling(c)];
  // Some methods are recorded under the name of a namespace's function (x.norm for linalg.norm): they are no export of it.
  if (kinds.includes('function') && c.op.includes('.') && typeof find(c.op) !== 'function')
    return [{ name: c.op, call: null }];
  return kinds.map((kind) => {
    if (kind === 'function') return functionSpelling(c, recorded.function?.replace(/^torch\./, '') ?? c.op);
    const last = c.op.slice(c.op.lastIndexOf('.') + 1);
    const member = (recorded[kind] ?? last).replace(/^Tensor\./, '');
    if (kind === 'method') return { ...methodSpelling(c, member), otherGradFn: c.op.startsWith('linalg.') };
    if (kind === 'property') {
      const name = `x.${camel(member)}`;
      if (!tensorHas(member)) return { name, call: null };
      return {
        name,
        call: (args: Arguments) => (partsOf(c, args).values[0] as Record<string, unknown>)[camel(member)],
      };
    }
    return lambdaSpelling(c);
  });
}
