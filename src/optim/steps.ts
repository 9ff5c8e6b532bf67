import type { Arguments, Kernels } from '../backends/call.js';
import { repeat } from '../backends/index.js';
import { contract } from '../kernels.js';

/** The kernels that make a step. */
type StepKernel = Extract<keyof Kernels, `${string}Step`>;

let waiting: Arguments[] = [];
let kernel: StepKernel | null = null;

/** Whether two calls differ in operands alone. */
function haveSameNumbers(a: Arguments, b: Arguments, operands: number): boolean {
  for (let i = operands; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * Makes the step of a parameter at the next {@link runSteps}: one call of the backend makes those of neighbours that
 * have the same kernel and numbers.
 */
export function addStep<K extends StepKernel>(name: K, ...args: Parameters<Kernels[K]>): void {
  if (kernel !== null && !(kernel === name && haveSameNumbers(waiting[0]!, args, contract[name].operands.length)))
    runSteps();
  kernel = name;
  waiting.push(args);
}

/** Makes the steps that wait. */
export function runSteps(): void {
  if (kernel === null) return;
  const [name, calls] = [kernel, waiting];
  kernel = null;
  waiting = [];
  repeat(name, calls);
}
