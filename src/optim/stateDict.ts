import { tensor } from '../creation.js';
import { rangeError, typeError } from '../errors.js';
import { describe, sameShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { camelCase, entriesOf, entry, snakeCase } from './names.js';
import type { ParamGroup, ParamState } from './optimizer.js';

/** An optimizer's state in PyTorch's form. */
export interface OptimizerStateDict {
  /** What is kept for each parameter, by its number. */
  state: Map<number, Record<string, unknown>>;
  /** The groups' options, and their parameters' numbers as `params`. */
  param_groups: ({ params: number[] } & Record<string, unknown>)[];
}

/** See {@link Optimizer.stateDict}. */
export function saveState(
  state: ReadonlyMap<Tensor, ParamState>,
  groups: readonly ParamGroup[],
  tensorState: ReadonlySet<string>,
): OptimizerStateDict {
  const numbers = new Map<Tensor, number>();
  for (const group of groups)
    for (const param of group.params) if (!numbers.has(param)) numbers.set(param, numbers.size);
  const packed = groups.map(({ params, ...options }) => ({
    ...Object.fromEntries(Object.entries(options).map(([key, value]) => [snakeCase(key), value])),
    params: params.map((param) => numbers.get(param)!),
  }));
  const saved = new Map<number, Record<string, unknown>>();
  for (const [param, values] of state) {
    const entries = Object.entries(values).map(([key, value]) => [
      snakeCase(key),
      tensorState.has(key) && typeof value === 'number' ? tensor(value, { dtype: 'float32' }) : value,
    ]);
    saved.set(numbers.get(param)!, Object.fromEntries(entries) as Record<string, unknown>);
  }
  return { state: saved, param_groups: packed };
}

/** A value of a state dict as this library keeps it: copied, in the parameter's dtype, numbers out of their tensors. */
function taken(op: string, param: Tensor, key: string, value: unknown, tensorState: ReadonlySet<string>): unknown {
  if (value instanceof Tensor) {
    if (tensorState.has(key) || key === 'step') return Number(value.item());
    const isCopied = param.dtypeInfo.isFloat && param.dtypeInfo.size >= 4 && value.dtypeInfo.isFloat;
    return isCopied ? value.detach().to(param.dtype, { copy: true }).contiguous() : value.detach().clone();
  }
  if (Array.isArray(value)) return value.map((item) => taken(op, param, '', item, tensorState));
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return Number(value);
  throw typeError(`${op}: the state's ${key} is ${describe(value)}; expected a tensor or a number.`);
}

function option(op: string, key: string, value: unknown): unknown {
  if (value === undefined) return null;
  if (value === null || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string')
    return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Tensor) return Number(value.item());
  if (Array.isArray(value)) {
    for (const item of value) option(op, key, item);
    return value;
  }
  throw typeError(
    `${op}: the group's ${key} is ${describe(value)}; expected a number, a flag, a string or an array of them.`,
  );
}

/**
 * See {@link Optimizer.loadStateDict}: nothing is changed unless all of it fits.
 * @param hasShapes whether tensors of the state have their parameter's shape
 */
export function loadState(
  name: string,
  stateDict: unknown,
  state: Map<Tensor, ParamState>,
  groups: readonly ParamGroup[],
  tensorState: ReadonlySet<string>,
  hasShapes: boolean,
): void {
  const op = `${name}.loadStateDict`;
  const savedGroups = entry(op, stateDict, 'paramGroups');
  if (!Array.isArray(savedGroups)) throw typeError(`${op}: the state dict has no list param_groups.`);
  if (savedGroups.length !== groups.length) {
    throw rangeError(
      `${op}: loaded state dict has a different number of parameter groups (${savedGroups.length}, not ${groups.length}).`,
    );
  }
  const byNumber = new Map<string, Tensor>();
  const options = groups.map((group, i) => {
    const numbers = entry(op, savedGroups[i], 'params');
    if (!Array.isArray(numbers) || numbers.length !== group.params.length) {
      throw rangeError(
        `${op}: loaded state dict contains a parameter group that doesn't match the size of optimizer's group (group ${i}: ${Array.isArray(numbers) ? numbers.length : 'no'} parameters, not ${group.params.length}).`,
      );
    }
    for (const [j, number] of numbers.entries()) byNumber.set(String(number), group.params[j]!);
    return entriesOf(op, savedGroups[i])
      .filter(([key]) => key !== 'params')
      .map(([key, value]) => [camelCase(key), option(op, key, value)] as const);
  });
  const loaded = new Map<Tensor, ParamState>();
  for (const [number, values] of entriesOf(op, entry(op, stateDict, 'state') ?? {})) {
    const param = byNumber.get(number);
    if (param === undefined) continue;
    const kept: ParamState = {};
    for (const [key, value] of entriesOf(op, values)) {
      const ours = camelCase(key);
      kept[ours] = taken(op, param, ours, value, tensorState);
      const given = kept[ours];
      if (hasShapes && given instanceof Tensor && !sameShape(given.shape, param.shape)) {
        throw rangeError(
          `${op}: the state's ${key} of parameter ${number} has shape [${given.shape.join(', ')}], but the parameter [${param.shape.join(', ')}].`,
        );
      }
    }
    loaded.set(param, kept);
  }
  for (const [i, group] of groups.entries()) {
    for (const [key, value] of options[i]!) (group as Record<string, unknown>)[key] = value;
  }
  state.clear();
  for (const [param, values] of loaded) state.set(param, values);
}
