// autograd: small programs, run step by step; then the state of every variable, or the step that has to throw.
import type { CaseBase, Tolerance } from '../vectors/reader.mjs';
import { comparePlain, compareTensor } from './compare.js';
import { Absent, type AnyTensor, call, callMethod, camel, flatten, isTensor, withOptions } from './library.js';
import { Report } from './outcome.js';
import { Arguments } from './values.js';

type Step = readonly [result: string | readonly string[] | null, op: string, ...args: unknown[]];

interface Variable {
  readonly scalar?: unknown;
  readonly value?: { readonly $t: number };
  readonly requiresGrad?: boolean;
  readonly isLeaf?: boolean;
  readonly gradFn?: string | null;
  readonly grad?: { readonly $t: number } | null;
  readonly gradRequiresGrad?: boolean;
}

export interface AutogradCase extends CaseBase {
  readonly title: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly steps: readonly Step[];
  readonly final: Readonly<Record<string, Variable>>;
  readonly error?: { readonly step: number; readonly errorClass: string; readonly message: string };
}

const TOLERANCE: Tolerance = [1e-5, 1e-6];
const FORM = /^[\w.]+: \S/;

export function run(c: AutogradCase): Report {
  const report = new Report();
  report.attempt('throws', () => new Program(c, report).run());
  return report;
}

class Program {
  readonly variables = new Map<string, unknown>();
  readonly args: Arguments;

  constructor(
    readonly c: AutogradCase,
    readonly report: Report,
  ) {
    this.args = new Arguments(c, { markFloats: true });
    for (const [name, value] of Object.entries(c.inputs)) this.variables.set(name, this.args.decode(value));
  }

  run(): void {
    const { c, report } = this;
    for (const [i, step] of c.steps.entries()) {
      const shouldThrow = c.error?.step === i;
      try {
        this.step(step);
      } catch (error) {
        if (error instanceof Absent || !shouldThrow) throw error;
        const { message } = error as Error;
        if (!FORM.test(message)) report.add('message', `step ${i}: ${message}`);
        break;
      }
      if (shouldThrow) {
        report.add('raises', `step ${i} (${step[1]}) did not throw; PyTorch: ${c.error!.message}`);
        break;
      }
    }
    for (const [name, expected] of Object.entries(c.final)) this.checkVariable(name, expected);
  }

  /** `$x` is variable x; everything else is encoded as in any case. */
  value(encoded: unknown): unknown {
    if (typeof encoded === 'string' && encoded.startsWith('$')) return this.variables.get(encoded.slice(1));
    if (Array.isArray(encoded)) return encoded.map((item) => this.value(item));
    return this.args.decode(encoded);
  }

  step([target, op, ...encoded]: Step): void {
    if (op === 'no_grad' || op === 'enable_grad') {
      call(op, () => {
        for (const step of encoded[0] as Step[]) this.step(step);
      });
      return;
    }
    const last = encoded.at(-1);
    const hasOptions = last !== null && typeof last === 'object' && 'kw' in last;
    const args = (hasOptions ? encoded.slice(0, -1) : encoded).map((item) => this.value(item));
    const kwargs = hasOptions ? (last as { kw: Record<string, unknown> }).kw : {};
    const options = Object.fromEntries(Object.entries(kwargs).map(([key, item]) => [key, this.value(item)]));
    const result = this.apply(op, args, options);
    if (typeof target === 'string') this.variables.set(target, result);
    else if (target !== null) {
      const results = flatten(result);
      target.forEach((name, i) => {
        this.variables.set(name, results[i]);
      });
    }
  }

  apply(op: string, args: unknown[], options: object): unknown {
    const x = args[0] as AnyTensor;
    const members = x as unknown as Record<string, unknown>;
    if (op.startsWith('torch.')) return call(op.slice(6), ...withOptions(args, options));
    if (op.startsWith('@')) return members[camel(op.slice(1))];
    if (op.startsWith('=')) {
      members[camel(op.slice(1))] = args[1];
      return undefined;
    }
    if (op === '__getitem__') return x.at(...(args[1] as unknown[]));
    if (op === '__setitem__') return x.setAt(args[1] as unknown[], args[2]);
    if (op === 'register_hook*') return callMethod(x, 'register_hook', (grad: AnyTensor) => grad.mul(args[1]));
    return callMethod(x, op, ...withOptions(args.slice(1), options));
  }

  checkVariable(name: string, expected: Variable): void {
    const { report, c } = this;
    const actual = this.variables.get(name);
    if ('scalar' in expected) {
      report.check('value', at(name, comparePlain(actual, new Arguments(c).decode(expected.scalar), TOLERANCE)));
      return;
    }
    if (!isTensor(actual)) {
      report.add('value', `${name} is ${String(actual)}, expected a tensor`);
      return;
    }
    this.compare(name, actual, expected.value!.$t);
    if (actual.requiresGrad !== expected.requiresGrad) report.add('requiresGrad', `${name}: ${actual.requiresGrad}`);
    if (actual.isLeaf !== expected.isLeaf) report.add('isLeaf', `${name}: ${actual.isLeaf}`);
    const gradFn = actual.gradFn?.name ?? null;
    if (gradFn !== expected.gradFn) report.add('gradFn', `${name}: ${gradFn}, expected ${expected.gradFn}`);
    const { grad } = actual;
    if (expected.grad === null || expected.grad === undefined) {
      if (grad !== null) report.add('grad', `${name}.grad is a tensor, expected null`);
    } else if (grad === null) {
      report.add('grad', `${name}.grad is null, expected ${c.arrays[expected.grad.$t]!.data}`);
    } else {
      this.compare(`${name}.grad`, grad, expected.grad.$t);
      if (grad.requiresGrad !== (expected.gradRequiresGrad ?? false)) {
        report.add('requiresGrad', `${name}.grad: ${grad.requiresGrad}`);
      }
    }
  }

  compare(name: string, actual: AnyTensor, index: number): void {
    for (const [part, message] of compareTensor(actual, this.c.arrays[index]!, TOLERANCE)) {
      this.report.add(part, `${name}: ${message}`);
    }
  }
}

const at = (name: string, message: string | null): string | null => (message === null ? null : `${name}: ${message}`);
