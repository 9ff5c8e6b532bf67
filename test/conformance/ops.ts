// ops_*: one operator call, in every spelling PyTorch has for it, with its gradients, its Hessian-vector products and
// its in-place form.
import { type CaseBase, contiguousStride, type Header, type Tolerance, type VectorArray } from '../vectors/reader.mjs';
import { compareGradient, comparePlain, compareTensor } from './compare.js';
import { type AnyTensor, call, callMethod, camel, find, flatten, isTensor } from './library.js';
import { Report } from './outcome.js';
import { isPresent, type OpCall, resolveCalls, type Spelling } from './spellings.js';
import { Arguments, makeTensor } from './values.js';

export interface OpCase extends CaseBase, OpCall {
  readonly kind: string;
  readonly out: unknown;
  readonly outFields?: readonly string[];
  readonly post?: readonly (string | null)[];
  readonly cot?: readonly (number | null)[];
  readonly grads?: readonly (readonly [number, number | null])[];
  readonly hvp?: readonly (readonly [number, number, number | null])[];
  readonly gradFn?: readonly (string | null)[];
  readonly inplace?: string;
  readonly ties?: boolean;
  readonly tolScale?: { readonly fwd?: number; readonly grad?: number; readonly hvp?: number };
}

interface Tolerances {
  readonly fwd: Tolerance;
  readonly grad: Tolerance;
  readonly hvp: Tolerance;
}

interface OutputReference {
  readonly $t: number;
  readonly grad?: boolean;
  readonly alias?: number;
}

/** The expected outputs, laid flat: references to arrays and plain values. */
function expectedOutputs(out: unknown): unknown[] {
  if (Array.isArray(out)) return out.flatMap(expectedOutputs);
  if (out !== null && typeof out === 'object' && !Object.keys(out).some((key) => key.startsWith('$'))) {
    return Object.values(out).flatMap(expectedOutputs);
  }
  return [out];
}

const isReference = (value: unknown): value is OutputReference =>
  value !== null && typeof value === 'object' && '$t' in value;

const INTEGER = /^(u?int|bool)/;

class OpRun {
  readonly expected: unknown[];
  readonly tolerance: Tolerances;

  constructor(
    readonly report: Report,
    readonly c: OpCase,
    header: Header,
  ) {
    this.expected = expectedOutputs(c.out);
    this.tolerance = (header.tolerances as Record<string, Tolerances>)[c.kind]!;
  }

  /** Where equal elements tie, which index and which gradient is taken is the library's choice. */
  get ties(): boolean {
    return this.c.ties === true;
  }

  checkForward(result: unknown, args: Arguments, { name: spelling, otherGradFn }: Spelling): AnyTensor[] {
    const { report, c, expected } = this;
    const before = report.failures.length;
    const outputs = flatten(result);
    if (outputs.length !== expected.length) {
      report.add('value', `${spelling}: ${outputs.length} results, expected ${expected.length}`);
      return [];
    }
    if (Array.isArray(c.out) === isTensor(result) && isReference(c.out) !== isTensor(result)) {
      report.add('value', `${spelling}: ${isTensor(result) ? 'one tensor' : 'several results'}, expected the other`);
    }
    const tensors: AnyTensor[] = [];
    expected.forEach((reference, i) => {
      const output = outputs[i];
      const where = expected.length > 1 ? `${spelling}, result ${i}` : spelling;
      if (!isReference(reference)) {
        const plain = args.decode(reference);
        report.check('value', prefix(where, comparePlain(output, plain, this.tolerance.fwd)));
      } else if (!isTensor(output)) {
        report.add('value', `${where}: ${String(output)}, expected a tensor`);
      } else {
        tensors.push(output);
        this.checkTensor(output, reference, args, i, where);
      }
    });
    this.checkFields(result, spelling);
    if (report.failures.length === before && !otherGradFn) this.checkGradFn(tensors, spelling);
    return tensors;
  }

  checkTensor(output: AnyTensor, reference: OutputReference, args: Arguments, i: number, where: string): void {
    const { report, c } = this;
    const array = c.arrays[reference.$t]!;
    const post = c.post?.[i];
    const skipValue = post === 'skip' || (this.ties && INTEGER.test(array.dtype) && this.expected.length > 0);
    if (post === 'square') {
      this.compareParts(output, { ...array, data: output.toTypedArray() }, where);
      const squared = (array.data as Float32Array).map((value) => value * value);
      const actual = call('square', output.detach()) as AnyTensor;
      this.compareParts(actual, { ...array, data: squared }, `${where} squared`);
    } else {
      this.compareParts(output, skipValue ? { ...array, data: output.toTypedArray() } : array, where);
    }
    if (output.requiresGrad !== (reference.grad === true)) {
      report.add('requiresGrad', `${where}: ${output.requiresGrad}, expected ${reference.grad === true}`);
    }
    this.checkAlias(output, array, reference.alias, args, where);
  }

  compareParts(output: AnyTensor, array: VectorArray, where: string): void {
    for (const [part, message] of compareTensor(output, array, this.tolerance.fwd, this.c.tolScale?.fwd)) {
      this.report.add(part, `${where}: ${message}`);
    }
  }

  checkAlias(output: AnyTensor, array: VectorArray, alias: number | undefined, args: Arguments, where: string): void {
    if (alias !== undefined) {
      const input = args.tensors.get(alias)!;
      if (input.storage !== output.storage) {
        this.report.add('alias', `${where}: a copy, expected a view of input ${alias}`);
      } else if (array.data.length > 0) {
        const stride = array.stride ?? contiguousStride(array.shape);
        const actual = output.stride();
        const differs = array.shape.some((size, d) => size > 1 && stride[d] !== actual[d]);
        if (differs) this.report.add('alias', `${where}: strides [${actual}], expected [${stride}]`);
      }
      return;
    }
    for (const [index, input] of args.tensors) {
      if (input.storage === output.storage && array.data.length > 0) {
        this.report.add('alias', `${where}: shares the storage of input ${index}, expected a copy`);
        return;
      }
    }
  }

  checkFields(result: unknown, spelling: string): void {
    for (const field of this.c.outFields ?? []) {
      const value = (result as Record<string, unknown>)[camel(field)];
      if (!isTensor(value) && !Array.isArray(value)) {
        this.report.add('fields', `${spelling}: the result has no field ${camel(field)}`);
      }
    }
  }

  checkGradFn(outputs: readonly AnyTensor[], spelling: string): void {
    this.c.gradFn?.forEach((name, i) => {
      const actual = outputs[i]?.gradFn?.name ?? null;
      if (outputs[i] !== undefined && actual !== name)
        this.report.add('gradFn', `${spelling}: ${actual}, expected ${name}`);
    });
  }

  /** What is differentiated: the outputs that have a cotangent, post-processed. */
  differentiated(outputs: readonly AnyTensor[]): { ys: AnyTensor[]; cotangents: AnyTensor[] } {
    const ys: AnyTensor[] = [];
    const cotangents: AnyTensor[] = [];
    this.c.cot?.forEach((index, i) => {
      if (index === null) return;
      const post = this.c.post?.[i];
      const output = outputs[i]!;
      const y =
        post === 'square'
          ? (call('square', output) as AnyTensor)
          : post === 'real'
            ? (call('view_as_real', output) as AnyTensor)
            : output;
      ys.push(y);
      const cotangent = makeTensor(this.c.arrays[index]!);
      cotangents.push(cotangent.dtype === y.dtype ? cotangent : cotangent.to(y.dtype));
    });
    return { ys, cotangents };
  }

  checkGradients(outputs: readonly AnyTensor[], args: Arguments, part = 'grad', second = true): void {
    const { c, report } = this;
    if (c.grads === undefined || this.ties) return;
    const hvp = second ? c.hvp : undefined;
    const { ys, cotangents } = this.differentiated(outputs);
    const inputs = c.grads.map(([index]) => args.tensors.get(index)!);
    const gradients = flattenGradients(
      call('autograd.grad', ys, inputs, {
        gradOutputs: cotangents,
        allowUnused: true,
        ...(hvp ? { createGraph: true } : {}),
      }),
    );
    c.grads.forEach(([index, array], i) => {
      const expected = array === null ? null : c.arrays[array]!;
      const message = compareGradient(gradients[i], expected, this.tolerance.grad, c.tolScale?.grad);
      report.check(part, prefix(`input ${index}`, message));
    });
    if (hvp) report.attempt('hvp', () => this.checkSecond(hvp, gradients, args));
  }

  checkSecond(hvp: NonNullable<OpCase['hvp']>, gradients: readonly (AnyTensor | null)[], args: Arguments): void {
    const { c, report } = this;
    let total: AnyTensor | null = null;
    for (const [index, v] of hvp) {
      const gradient = gradients[c.grads!.findIndex(([k]) => k === index)];
      if (gradient === null || gradient === undefined || !gradient.requiresGrad) continue;
      const term = gradient.mul(makeTensor(c.arrays[v]!)).sum();
      total = total === null ? term : total.add(term);
    }
    const inputs = hvp.map(([index]) => args.tensors.get(index)!);
    const products =
      total === null
        ? inputs.map(() => null)
        : flattenGradients(call('autograd.grad', total, inputs, { allowUnused: true }));
    hvp.forEach(([index, , array], i) => {
      const expected = array === null ? null : c.arrays[array]!;
      const message = compareGradient(products[i], expected, this.tolerance.hvp, c.tolScale?.hvp);
      report.check('hvp', prefix(`input ${index}`, message));
    });
  }

  /** `x.clone().op_(…)` gives what `x.op(…)` does, into the same tensor, with the same gradients. */
  checkInplace(form: string): void {
    const { c, report } = this;
    const args = new Arguments(c, { markFloats: true });
    const values = args.list(c.args);
    const options = args.decode(c.kwargs ?? {}) as object;
    const leaf = values[0] as AnyTensor;
    const target = leaf.clone();
    const rest = values.slice(1);
    const isMethod = form.endsWith('_');
    if (isMethod && !(camel(form) in target)) {
      report.add('inplace', `${camel(form)} is not there`);
      return;
    }
    const kwargs = Object.fromEntries(Object.entries(options).map(([key, value]) => [camel(key), value]));
    const trailing = isMethod ? (Object.keys(kwargs).length > 0 ? [kwargs] : []) : [{ ...kwargs, inplace: true }];
    const result = isMethod ? callMethod(target, form, ...rest, ...trailing) : call(c.op, target, ...rest, ...trailing);
    if (!isTensor(result)) {
      report.add('inplace', `${form} returned ${String(result)}`);
      return;
    }
    if (isMethod ? result !== target : result.storage !== target.storage) {
      report.add('inplace', `${form} did not return the tensor it changed`);
    }
    const reference = this.expected[0] as OutputReference;
    for (const [part, message] of compareTensor(target, c.arrays[reference.$t]!, this.tolerance.fwd, c.tolScale?.fwd)) {
      report.add('inplace', `${form}, ${part}: ${message}`);
    }
    if (target.requiresGrad) report.attempt('inplace', () => this.checkGradients([result], args, 'inplace', false));
  }
}

function flattenGradients(gradients: unknown): (AnyTensor | null)[] {
  return isTensor(gradients) ? [gradients] : (gradients as (AnyTensor | null)[]);
}

const prefix = (where: string, message: string | null): string | null =>
  message === null ? null : `${where}: ${message}`;

export function run(c: OpCase, header: Header): Report {
  const report = new Report();
  const calls = resolveCalls(c, header);
  if (!calls.some(isPresent)) {
    report.absent(c.op);
    return report;
  }
  const run = new OpRun(report, c, header);
  let checkedGradients = false;
  for (const spelling of calls) {
    if (!isPresent(spelling)) {
      report.add('call', `${spelling.name} is not there`);
      continue;
    }
    report.attempt('throws', () => {
      const args = new Arguments(c, { markFloats: !c.op.startsWith('nn.functional.') });
      const outputs = run.checkForward(spelling.call(args), args, spelling);
      if (checkedGradients || outputs.length === 0) return;
      checkedGradients = true;
      report.attempt('grad', () => run.checkGradients(outputs, args));
    });
  }
  if (c.inplace !== undefined && find('Tensor')) report.attempt('inplace', () => run.checkInplace(c.inplace!));
  return report;
}
