import { enableGrad } from '../autograd/mode.js';
import type { RemovableHandle } from '../autograd/node.js';
import { float32 } from '../dtype.js';
import { autogradError, notSupported, rangeError, typeError } from '../errors.js';
import { dense } from '../ops/apply.js';
import { isOptions } from '../ops/options.js';
import { FloatScalar } from '../promotion.js';
import { floatRepr } from '../pythonNumber.js';
import { repr, reprSymbol, Tuple, tuple } from '../repr.js';
import { describe } from '../shape.js';
import { Tensor } from '../tensor.js';
import { camelCase, snakeCase } from './names.js';
import { loadState, type OptimizerStateDict, saveState } from './stateDict.js';
import { runSteps } from './steps.js';

/** Parameters that are trained with the same options. */
export interface ParamGroup {
  params: Tensor[];
  lr: number;
  /** Set by schedulers. */
  initialLr?: number;
  [option: string]: unknown;
}

/** A group as it is given: its parameters, and options that are not the optimizer's defaults. */
export interface GroupSpec {
  readonly params: Tensor | Iterable<Tensor>;
  readonly lr?: number | FloatScalar;
  readonly [option: string]: unknown;
}

/** What an optimizer is made for: parameters, or groups of them. */
export type Params = Iterable<Tensor> | Iterable<GroupSpec>;

/** What an optimizer keeps for one parameter. */
export type ParamState = Record<string, unknown>;

/** An option that every group has to give. */
export const required: unique symbol = Symbol('required') as never;

/** Whole numbers in groups that print as floats: PyTorch tells 1 from 1.0. */
const floats = new WeakMap<object, Set<string>>();

/** Notes that an option prints as a float although it is whole. */
function markFloat(group: object, name: string): void {
  const marked = floats.get(group);
  if (marked === undefined) floats.set(group, new Set([name]));
  else marked.add(name);
}

/** Sets an option of a group to a computed number, which prints as a float. */
export function setComputed(group: ParamGroup, name: string, value: number): void {
  (group as Record<string, unknown>)[name] = value;
  markFloat(group, name);
}

/**
 * The base of all optimizers. A subclass says with {@link Optimizer.update} what one step does to one parameter.
 * https://pytorch.org/docs/stable/optim.html
 */
export class Optimizer<G extends ParamGroup = ParamGroup> {
  /** The options a group has that does not give its own. */
  readonly defaults: Record<string, unknown>;
  readonly paramGroups: G[] = [];
  /** What is kept for each parameter that has had a step. */
  readonly state = new Map<Tensor, ParamState>();
  /** @internal State that PyTorch keeps in tensors of one element, and this library as numbers. */
  protected readonly tensorState: ReadonlySet<string> = new Set(['step']);
  /** @internal Whether state tensors have their parameter's shape. */
  protected readonly hasShapedState: boolean = true;
  readonly #floatDefaults = new Set<string>();
  readonly #pre = new Set<{ hook: StepHook }>();
  readonly #post = new Set<{ hook: StepHook }>();
  /** @internal How often step() was called; schedulers look at it. */
  stepCount = 0;

  /**
   * @param params the parameters, or objects `{ params, …options }` for groups with options of their own
   * @throws TypeError, RangeError when there are none, or some that cannot be optimized
   */
  constructor(params: Params, defaults: Record<string, unknown> = {}) {
    this.defaults = {};
    for (const [name, value] of Object.entries(defaults)) this.defaults[name] = plain(this.#floatDefaults, name, value);
    const name = this.constructor.name;
    if (params instanceof Tensor || typeof params !== 'object' || params === null || !(Symbol.iterator in params)) {
      throw typeError(
        `${name}: params argument given to the optimizer should be an iterable of Tensors or dicts, but got ${describe(params)}; use model.parameters().`,
      );
    }
    const list = [...params] as (Tensor | GroupSpec)[];
    if (list.length === 0)
      throw rangeError(`${name}: optimizer got an empty parameter list; does the model register its parameters?`);
    if (isOptions(list[0])) for (const group of list) this.addParamGroup(group as GroupSpec);
    else this.addParamGroup({ params: list as Tensor[] });
  }

  /** Adds parameters to train, with options of their own or the defaults. */
  addParamGroup(spec: GroupSpec): void {
    const op = `${this.constructor.name}.addParamGroup`;
    if (!isOptions(spec)) throw typeError(`${op}: param group must be an object with params, not ${describe(spec)}.`);
    const given = spec.params;
    if (given === undefined) throw typeError(`${op}: the group has no params.`);
    if (given instanceof Set) {
      throw typeError(
        `${op}: optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets will change between runs. Please use an array instead.`,
      );
    }
    const params = given instanceof Tensor ? [given] : [...given];
    for (const param of params) this.#checkParam(op, param);
    const group: Record<string, unknown> = { params };
    const marked = new Set<string>();
    for (const [key, value] of Object.entries(spec))
      if (key !== 'params') group[camelCase(key)] = plain(marked, camelCase(key), value);
    for (const [key, value] of Object.entries(this.defaults)) {
      if (group[key] !== undefined) continue;
      if (value === required) {
        throw typeError(
          `${op}: parameter group didn't specify a value of required optimization parameter ${snakeCase(key)}; give ${key}.`,
        );
      }
      group[key] = value;
      if (this.#floatDefaults.has(key)) marked.add(key);
    }
    if (new Set(params).size < params.length) {
      process.emitWarning('optimizer contains a parameter group with duplicate parameters');
    }
    const known = new Set(this.paramGroups.flatMap((other) => other.params));
    if (params.some((param) => known.has(param)))
      throw rangeError(`${op}: some parameters appear in more than one parameter group.`);
    for (const key of marked) markFloat(group, key);
    this.paramGroups.push(group as G);
  }

  #checkParam(op: string, param: unknown): void {
    if (!(param instanceof Tensor))
      throw typeError(`${op}: optimizer can only optimize Tensors, but one of the params is ${describe(param)}.`);
    if (!param.isLeaf && !param.retainsGrad)
      throw autogradError(`${op}: can't optimize a non-leaf Tensor; give the tensors it was made from.`);
  }

  /**
   * Forgets all gradients.
   * @param setToNone false: sets them to 0 instead, so that they still take part in the next step
   */
  zeroGrad(setToNone: boolean | { setToNone?: boolean } = true): void {
    const none = typeof setToNone === 'boolean' ? setToNone : (setToNone.setToNone ?? true);
    for (const group of this.paramGroups) {
      for (const param of group.params) {
        const { grad } = param;
        if (grad === null) continue;
        if (none) param.setGrad(null);
        else param.setGrad((grad.gradFn === null ? grad.requiresGrad_(false) : grad.detach()).zero_());
      }
    }
  }

  /**
   * One step: changes every parameter that has a gradient.
   * @param closure computes the loss anew, gradients included; its result is returned
   */
  step(): null;
  step<L>(closure: () => L): L;
  step<L>(closure?: (() => L) | null): L | null {
    for (const { hook } of this.#pre) hook(this);
    const loss = closure === undefined || closure === null ? null : enableGrad(closure);
    this.stepAll();
    this.stepCount++;
    for (const { hook } of this.#post) hook(this);
    return loss;
  }

  /** @internal */
  protected stepAll(): void {
    try {
      for (const group of this.paramGroups) {
        for (const param of group.params) {
          const { grad } = param;
          if (grad !== null) this.#stepOne(param, grad, group);
        }
      }
    } finally {
      runSteps();
    }
  }

  #stepOne(param: Tensor, grad: Tensor, group: G): void {
    let state = this.state.get(param);
    if (state === undefined) {
      state = {};
      this.state.set(param, state);
    }
    const { name } = param.dtypeInfo;
    if (param.isDense && grad.isDense && (name === 'float32' || name === 'float64'))
      this.update(param, grad, state, group);
    else this.#stepThroughCopy(param, grad, state, group);
    param.storage.version++;
  }

  /** Strided, half-precision and complex parameters: the kernels take contiguous real ones. */
  #stepThroughCopy(param: Tensor, grad: Tensor, state: ParamState, group: G): void {
    if (param.dtypeInfo.isComplex) {
      const target = asReal(dense(param));
      this.update(target, asReal(dense(grad)), state, group);
      runSteps();
      if (!param.isDense) param.writeFrom(target.makeAlias(param.shape, dense(param).strides, 0, param.dtypeInfo));
      return;
    }
    const isHalf = param.dtypeInfo.size < 4;
    const copy = isHalf ? param.data.to('float32') : dense(param);
    this.update(copy, isHalf ? dense(grad.data).to('float32') : dense(grad), state, group);
    runSteps();
    if (copy !== param) param.writeFrom(copy);
  }

  /** @internal Changes `param`, which is contiguous as `grad` is, and its state. */
  protected update(_param: Tensor, _grad: Tensor, _state: ParamState, _group: G): void {
    throw notSupported(`${this.constructor.name}: the class defines neither update() nor step().`);
  }

  /** @internal A state tensor of the parameter's shape. */
  protected stateTensor(param: Tensor, value = 0): Tensor {
    const made = param.makeEmpty(param.shape, param.dtypeInfo);
    made.fillWith(value);
    return made;
  }

  /** Calls `hook(optimizer)` before every step. */
  registerStepPreHook(hook: StepHook): RemovableHandle {
    return register(this.#pre, hook);
  }

  /** Calls `hook(optimizer)` after every step. */
  registerStepPostHook(hook: StepHook): RemovableHandle {
    return register(this.#post, hook);
  }

  /** The state in PyTorch's form: `{ state: Map from the parameter's number, param_groups: […] }`, names in snake_case. */
  stateDict(): OptimizerStateDict {
    return saveState(this.state, this.paramGroups, this.tensorState);
  }

  /**
   * Takes over a state that {@link stateDict}, or PyTorch's, gave.
   * @throws RangeError when the groups do not match
   */
  loadStateDict(stateDict: OptimizerStateDict | object): void {
    loadState(this.constructor.name, stateDict, this.state, this.paramGroups, this.tensorState, this.hasShapedState);
  }

  toString(): string {
    let text = `${this.constructor.name} (`;
    for (const [i, group] of this.paramGroups.entries()) {
      text += `\nParameter Group ${i}\n`;
      const lines = Object.keys(group)
        .filter((key) => key !== 'params')
        .map((key) => [snakeCase(key), optionText(group, key)] as const);
      lines.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
      for (const [key, value] of lines) text += `    ${key}: ${value}\n`;
    }
    return `${text})`;
  }

  [reprSymbol](): string {
    return this.toString();
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** Called before or after a step. */
export type StepHook = (optimizer: Optimizer) => void;

function register(hooks: Set<{ hook: StepHook }>, hook: StepHook): RemovableHandle {
  const entry = { hook };
  hooks.add(entry);
  return { remove: () => void hooks.delete(entry) };
}

/** An option's value: arrays are tuples, marked floats are noted and become numbers. */
function plain(marked: Set<string>, name: string, value: unknown): unknown {
  if (value instanceof FloatScalar) {
    marked.add(name);
    return value.value;
  }
  return Array.isArray(value) && !(value instanceof Tuple) ? tuple(...(value as unknown[])) : value;
}

function optionText(group: object, name: string): string {
  const value = (group as Record<string, unknown>)[name];
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && floats.get(group)?.has(name)) return floatRepr(value);
  return repr(value);
}

/** The same memory as float32, a complex number as two. */
function asReal(x: Tensor): Tensor {
  return new Tensor(x.storage, x.offset * 2, [...x.shape, 2], null, float32);
}
