// errors: calls that PyTorch refuses. They must throw, and what they throw must be an error of the library's own, in
// words (`op: what was wrong; what to do.`), not one that escaped from inside.
import type { CaseBase, Header } from '../vectors/reader.mjs';
import { Absent } from './library.js';
import { Report } from './outcome.js';
import { isPresent, type OpCall, resolveCalls } from './spellings.js';
import { Arguments } from './values.js';

export interface ErrorCase extends CaseBase, OpCall {
  readonly src: string;
  readonly errorClass: string;
  readonly message: string;
}

const FORM = /^[\w.]+: \S/;

export function run(c: ErrorCase, header: Header): Report {
  const report = new Report();
  const spellings = resolveCalls(c, header).filter(isPresent);
  if (spellings.length === 0) report.absent(c.op);
  for (const spelling of spellings) {
    let args: Arguments;
    try {
      args = new Arguments(c, { markFloats: !c.op.startsWith('nn.functional.') });
      args.list(c.args);
    } catch (error) {
      if (error instanceof Absent) report.absent(error.what);
      else report.add('arguments', String(error));
      continue;
    }
    try {
      spelling.call(args);
      report.add('raises', `${spelling.name} did not throw; PyTorch: ${c.message.split('\n')[0]}`);
    } catch (error) {
      if (error instanceof Absent) report.absent(error.what);
      else if (!(error instanceof Error)) report.add('message', `${spelling.name} threw ${String(error)}`);
      else if (!FORM.test(error.message)) report.add('message', `${spelling.name}: ${error.name}: ${error.message}`);
    }
  }
  return report;
}
