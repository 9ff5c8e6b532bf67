// printing: what tensors, modules, sizes, dtypes and optimizers print, character by character.
import { DTYPES, type DType } from '../../src/dtype.js';
import type { CaseBase } from '../vectors/reader.mjs';
import {
  type AnyTensor,
  call,
  callMethod,
  camelKeys,
  construct,
  find,
  flatten,
  isTensor,
  tensorHas,
  withOptions,
} from './library.js';
import { missingModule } from './modules.js';
import { Report } from './outcome.js';
import { Arguments, type ModuleSpec, makeTensor } from './values.js';

export interface PrintingCase extends CaseBase {
  readonly type: 'tensor' | 'grad_fn' | 'module' | 'module_list' | 'module_dict' | 'size' | 'dtype' | 'optimizer';
  readonly repr: string;
  readonly data?: { readonly $t: number; readonly grad?: boolean };
  readonly printOptions?: object;
  readonly parameter?: boolean;
  readonly fn?: string;
  readonly call?: 'method' | 'function';
  readonly args?: readonly unknown[];
  readonly kwargs?: object;
  readonly resultIndex?: number;
  readonly gradFn?: string | null;
  readonly ctor?: ModuleSpec;
  readonly shape?: readonly number[];
  readonly dtype?: string;
  readonly optimizer?: string;
  readonly options?: object;
}

export function run(c: PrintingCase): Report {
  const report = new Report();
  report.attempt('throws', () => {
    const actual = print(c, report);
    if (actual !== null && actual !== c.repr) {
      report.add('repr', `\n${indent(actual)}\n  expected\n${indent(c.repr)}`);
    }
  });
  return report;
}

const indent = (text: string): string => text.replace(/^/gm, '    ');

function print(c: PrintingCase, report: Report): string | null {
  switch (c.type) {
    case 'tensor':
      return printTensor(c);
    case 'grad_fn':
      return printGradFn(c, report);
    case 'size':
      return String((call('zeros', c.shape) as AnyTensor & { size(): object }).size());
    case 'dtype':
      return String(call('repr', DTYPES[c.dtype as DType]));
    case 'optimizer': {
      const parameter = call('zeros', [1], { requiresGrad: true });
      return String(construct(`optim.${c.optimizer}`, [parameter], camelKeys(c.options ?? {})));
    }
    default: {
      const missing = missingModule(c.ctor!);
      if (missing === null) return String(new Arguments(c, { markFloats: true }).module(c.ctor!));
      report.absent(missing);
      return null;
    }
  }
}

function printTensor(c: PrintingCase): string {
  let tensor: unknown = makeTensor(c.arrays[c.data!.$t]!, c.data!.grad === true);
  if (c.parameter) tensor = construct('nn.Parameter', makeTensor(c.arrays[c.data!.$t]!));
  if (c.printOptions === undefined) return String(tensor);
  call('set_printoptions', camelKeys(c.printOptions));
  try {
    return String(tensor);
  } finally {
    call('set_printoptions', { profile: 'default' });
  }
}

function printGradFn(c: PrintingCase, report: Report): string | null {
  const name = c.fn!;
  const args = new Arguments(c, { markFloats: true });
  let result: unknown;
  if (c.call === 'function') {
    if (typeof find(name) !== 'function') report.absent(name);
    else result = call(name, ...withOptions(args.list(c.args!), c.kwargs));
  } else if (name === '__getitem__') {
    const [x, index] = args.list(c.args!);
    result = (x as AnyTensor).at(...(Array.isArray(index) ? index : [index]));
  } else if (!tensorHas(name)) report.absent(`Tensor.${name}`);
  else {
    const [x, ...rest] = args.list(c.args!);
    result = callMethod(x, name, ...withOptions(rest, c.kwargs));
  }
  if (result === undefined) return null;
  const tensor = c.resultIndex === undefined ? result : flatten(result)[c.resultIndex];
  if (!isTensor(tensor)) {
    report.add('repr', `${String(tensor)} is not a tensor`);
    return null;
  }
  const gradFn = tensor.gradFn?.name ?? null;
  if (gradFn !== (c.gradFn ?? null)) report.add('gradFn', `${gradFn}, expected ${c.gradFn}`);
  return String(tensor);
}
