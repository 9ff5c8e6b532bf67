// modules: a module built, its parameters and buffers loaded, called once forward and backward.
import type { CaseBase, Header, Tolerance, VectorArray } from '../vectors/reader.mjs';
import { compareGradient, comparePlain, compareTensor } from './compare.js';
import {
  type AnyTensor,
  type Callable,
  call,
  callMethod,
  find,
  flatten,
  isTensor,
  lookup,
  withOptions,
} from './library.js';
import { Report } from './outcome.js';
import { Arguments, type ModuleSpec, makeTensor } from './values.js';

type References = Readonly<Record<string, { readonly $t: number }>>;

export interface ModuleCase extends CaseBase {
  readonly module: string;
  readonly training: boolean;
  readonly ctor: ModuleSpec;
  readonly params: References;
  readonly buffers: References;
  readonly stateKeys: readonly string[];
  readonly args: readonly unknown[];
  readonly kwargs?: object;
  readonly out: unknown;
  readonly cot?: readonly (number | null)[];
  readonly gradInputs?: readonly (readonly [number, number | null])[];
  readonly gradParams?: Readonly<Record<string, number | null>>;
  readonly buffersAfter?: References;
  readonly tolScale?: { readonly fwd?: number; readonly grad?: number; readonly buffer?: number };
}

/** What the runner calls on a module. */
export type AnyModule = Callable & {
  train(mode?: boolean): unknown;
  stateDict(): unknown;
  loadStateDict(state: unknown): unknown;
  namedParameters(): Iterable<readonly [string, AnyTensor]>;
};

/** The keys of a state dict, a Map or an object. */
export const keysOf = (state: unknown): string[] =>
  state instanceof Map ? [...state.keys()] : Object.keys(state as object);

function expectedOutputs(out: unknown): unknown[] {
  return Array.isArray(out) ? out.flatMap(expectedOutputs) : [out];
}

export function missingModule(spec: ModuleSpec): string | null {
  if (typeof find(`nn.${spec.$module}`) !== 'function') return `nn.${spec.$module}`;
  for (const value of [...spec.args, ...Object.values(spec.kwargs ?? {})]) {
    if (value !== null && typeof value === 'object' && '$module' in value) {
      const missing = missingModule(value as ModuleSpec);
      if (missing !== null) return missing;
    }
  }
  return null;
}

export function run(c: ModuleCase, header: Header): Report {
  const report = new Report();
  const missing = missingModule(c.ctor);
  if (missing !== null) report.absent(missing);
  else report.attempt('throws', () => check(report, c, header.tolerances as unknown as Tolerances));
  return report;
}

interface Tolerances {
  readonly fwd: Tolerance;
  readonly grad: Tolerance;
  readonly buffer: Tolerance;
}

function check(report: Report, c: ModuleCase, tolerances: Tolerances): void {
  const args = new Arguments(c);
  const model = args.module(c.ctor) as AnyModule;
  const keys = keysOf(model.stateDict());
  if (keys.join() !== c.stateKeys.join()) report.add('state', `keys ${keys.join()}, expected ${c.stateKeys.join()}`);
  const tensors = Object.entries({ ...c.params, ...c.buffers });
  const state = new Map(tensors.map(([name, { $t }]) => [name, makeTensor(c.arrays[$t]!)]));
  model.loadStateDict(new Map(keys.filter((key) => state.has(key)).map((key) => [key, state.get(key)!])));
  model.train(c.training);

  const inputs = args.list(c.args);
  const outputs = flatten(model(...withOptions(inputs, args.decode(c.kwargs ?? {}))));
  const expected = expectedOutputs(c.out);
  if (outputs.length !== expected.length) report.add('value', `${outputs.length} results, expected ${expected.length}`);
  expected.forEach((reference, i) => {
    const output = outputs[i];
    if (reference === null || typeof reference !== 'object') {
      report.check('value', comparePlain(output, reference, tolerances.fwd));
    } else if (!isTensor(output)) {
      report.add('value', `result ${i} is ${String(output)}, expected a tensor`);
    } else {
      const array = c.arrays[(reference as { $t: number }).$t]!;
      for (const [part, message] of compareTensor(output, array, tolerances.fwd, c.tolScale?.fwd)) {
        report.add(part, `result ${i}: ${message}`);
      }
    }
  });
  checkBuffers(report, c, model, tolerances);
  if (c.cot) report.attempt('grad', () => checkGradients(report, c, args, model, outputs, tolerances));
}

function checkBuffers(report: Report, c: ModuleCase, model: AnyModule, tolerances: Tolerances): void {
  for (const [name, { $t }] of Object.entries(c.buffersAfter ?? {})) {
    const buffer = lookup(model.stateDict(), name);
    if (!isTensor(buffer)) report.add('buffer', `no buffer ${name}`);
    else {
      for (const [part, message] of compareTensor(buffer, c.arrays[$t]!, tolerances.buffer, c.tolScale?.buffer)) {
        report.add('buffer', `${name}, ${part}: ${message}`);
      }
    }
  }
}

function checkGradients(
  report: Report,
  c: ModuleCase,
  args: Arguments,
  model: AnyModule,
  outputs: readonly unknown[],
  tolerances: Tolerances,
): void {
  const ys: AnyTensor[] = [];
  const cotangents: AnyTensor[] = [];
  c.cot!.forEach((index, i) => {
    if (index === null) return;
    const y = outputs[i] as AnyTensor;
    ys.push(y);
    const cotangent = makeTensor(c.arrays[index]!);
    cotangents.push(cotangent.dtype === y.dtype ? cotangent : cotangent.to(y.dtype));
  });
  const parameters = new Map(callMethod(model, 'named_parameters') as Iterable<[string, AnyTensor]>);
  const wanted: [string, AnyTensor, VectorArray | null][] = [];
  const array = (index: number | null): VectorArray | null => (index === null ? null : c.arrays[index]!);
  for (const [index, gradient] of c.gradInputs ?? [])
    wanted.push([`input ${index}`, args.tensor(index), array(gradient)]);
  for (const [name, gradient] of Object.entries(c.gradParams ?? {})) {
    const parameter = parameters.get(name);
    if (parameter === undefined) report.add('grad', `no parameter ${name}`);
    else wanted.push([name, parameter, array(gradient)]);
  }
  if (wanted.length === 0) return;
  const gradients = call(
    'autograd.grad',
    ys,
    wanted.map(([, tensor]) => tensor),
    { gradOutputs: cotangents, allowUnused: true },
  ) as (AnyTensor | null)[];
  wanted.forEach(([name, , expected], i) => {
    const message = compareGradient(gradients[i], expected, tolerances.grad, c.tolScale?.grad);
    if (message !== null) report.add('grad', `${name}: ${message}`);
  });
}
