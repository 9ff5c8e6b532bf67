// The calls of the random streams. Most read like PyTorch's (`randint(0,100,32,uint8)`, `nn.Linear(3,4)`) and are
// parsed; the rest are written out.
import { Absent, call, callMethod, camelKeys, construct, find } from './library.js';

const DTYPE = /^(float|int|uint)\d+$/;

/** A number, a boolean, a shape or a dtype as written in the call. */
function literal(text: string): unknown {
  if (text === 'True' || text === 'False') return text === 'True';
  if (text === 'sqrt5') return Math.sqrt(5);
  if (text.startsWith('[')) return JSON.parse(text.replace(/(^|[^\d])\./g, '$10.'));
  if (/^-?\d{16,}$/.test(text)) return BigInt(text);
  const number = Number(text);
  return Number.isNaN(number) ? text : number;
}

interface Parsed {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
}

function parse(text: string): Parsed | null {
  const match = /^([\w.]+)\((.*)\)$/.exec(text) ?? /^(\w+)(\[.*\])$/.exec(text);
  if (match === null) return null;
  const options: Record<string, unknown> = {};
  const args: unknown[] = [];
  for (const part of match[2]!.match(/\[[^\]]*\]|[^,[]+/g) ?? []) {
    const [left, right] = part.split('=');
    if (right !== undefined) options[left!.trim()] = literal(right.trim());
    else if (DTYPE.test(part.trim())) options.dtype = part.trim();
    else args.push(literal(part.trim()));
  }
  return { name: match[1]!, args, options };
}

const withOptions = (args: readonly unknown[], options: Readonly<Record<string, unknown>>): unknown[] =>
  Object.keys(options).length > 0 ? [...args, options] : [...args];

const filled = (size: unknown, value: number): unknown => call('full', [size], value);

/** `normal_(5,mean=2,std=3)`: the first argument is the size, the rest are the method's. */
function inplace({ name, args, options }: Parsed): unknown {
  const { dtype, ...rest } = options;
  const x = call('empty', [args[0]], ...(dtype === undefined ? [] : [{ dtype }]));
  return callMethod(x, name, ...withOptions(args.slice(1), rest));
}

/** `init.xavier_uniform_(4,6)`: numbers are the shape, but for sparse_, whose last is the sparsity. */
function initialise({ name, args, options }: Parsed): unknown {
  const isSparse = name.endsWith('sparse_');
  const shape = isSparse ? args.slice(0, -1) : args;
  return call(`nn.${name}`, call('empty', shape), ...(isSparse ? [args.at(-1)] : withOptions([], options)));
}

/** The data set whose items are 0 … 9. */
const range10 = (): unknown => ({ length: 10, getItem: (i: number) => i });

function loader(options: Record<string, unknown>, epochs = 1): unknown {
  const loader = construct('data.DataLoader', range10(), options) as Iterable<unknown>;
  return Array.from({ length: epochs }, () => [...loader]);
}

/** Indices as an int64 tensor, as the vectors keep them. */
const indices = (sampler: unknown): unknown => call('tensor', [...(sampler as Iterable<number>)], { dtype: 'int64' });

const PROBABILITIES = [0.1, 0.2, 0.3, 0.4];

const WRITTEN: Record<string, (seed: number) => unknown> = {
  'bernoulli(linspace(0,1,20))': () => call('bernoulli', call('linspace', 0, 1, 20)),
  'multinomial([.1,.2,.3,.4],64,replacement)': () => call('multinomial', call('tensor', PROBABILITIES), 64, true),
  'multinomial([.1,.2,.3,.4],4)': () => call('multinomial', call('tensor', PROBABILITIES), 4),
  'multinomial([.1,.2,.3,.4],1)': () => call('multinomial', call('tensor', PROBABILITIES), 1),
  'multinomial([[.1,.2,.3,.4]]*3,8,replacement)': () =>
    call('multinomial', call('tensor', [PROBABILITIES, PROBABILITIES, PROBABILITIES]), 8, true),
  'multinomial([[.1,.2,.3,.4]]*3,1)': () =>
    call('multinomial', call('tensor', [PROBABILITIES, PROBABILITIES, PROBABILITIES]), 1),
  'normal(0,arange(1..5))': () => call('normal', 0, call('arange', 1, 6, { dtype: 'float32' })),
  'rand(3);randn(5);rand(2)': () => [call('rand', 3), call('randn', 5), call('rand', 2)],
  'randn(3);manual_seed(same);randn(3)': (seed) => {
    const first = call('randn', 3);
    call('manual_seed', seed);
    return [first, call('randn', 3)];
  },
  'randn(20,float64);randn(3)': () => [call('randn', 20, { dtype: 'float64' }), call('randn', 3)],
  'dropout(ones(8),.5)': () => call('nn.functional.dropout', call('ones', 8), 0.5),
  'dropout(ones(8),.1)': () => call('nn.functional.dropout', call('ones', 8), 0.1),
  'dropout(ones(64),.5)': () => call('nn.functional.dropout', call('ones', 64), 0.5),
  'dropout2d(ones(2,4,2,2),.5)': () => call('nn.functional.dropout2d', call('ones', [2, 4, 2, 2]), 0.5),
  'dropout(ones(4,5).t(),.5)': () => call('nn.functional.dropout', callMethod(call('ones', [4, 5]), 't'), 0.5),
  'rrelu(-ones(20))': () =>
    call('nn.functional.rrelu', call('full', [20], -1, { dtype: 'float32' }), { training: true }),
  'gumbel_softmax(zeros(4))': () => call('nn.functional.gumbel_softmax', call('zeros', 4)),
  'DataLoader(range 10,batch 3,shuffle)': () => loader({ batchSize: 3, shuffle: true }),
  'DataLoader(range 10,batch 3,shuffle)x2 epochs': () => loader({ batchSize: 3, shuffle: true }, 2),
  'DataLoader(range 10,batch 4,shuffle,drop_last)': () => loader({ batchSize: 4, shuffle: true, dropLast: true }),
  'DataLoader(range 10,batch 4,shuffle,generator=manual_seed(7))': () => {
    const generator = callMethod(construct('Generator'), 'manual_seed', 7);
    return loader({ batchSize: 4, shuffle: true, generator });
  },
  'random_split(range 10,[7,3])': () =>
    (call('data.random_split', range10(), [7, 3]) as { indices: number[] }[]).map((subset) => indices(subset.indices)),
  'WeightedRandomSampler([.1,.9,.5],10)': () => indices(construct('data.WeightedRandomSampler', [0.1, 0.9, 0.5], 10)),
  'RandomSampler(range 10,replacement,num_samples=40)': () =>
    indices(construct('data.RandomSampler', range10(), { replacement: true, numSamples: 40 })),
  'SubsetRandomSampler([3,1,4,1,5])': () => indices(construct('data.SubsetRandomSampler', [3, 1, 4, 1, 5])),
};

/** Makes the call that a stream case names, after its seed was set. */
export function callStream(text: string, seed: number): unknown {
  const written = WRITTEN[text];
  if (written !== undefined) return written(seed);
  const bernoulli = /^bernoulli\(full\((.*)\),(\d+)\)$/.exec(text);
  if (bernoulli !== null) return call('bernoulli', filled(Number(bernoulli[2]), Number(bernoulli[1])));
  const parsed = parse(text);
  if (parsed === null) throw new Error(`the runner does not know the call ${text}`);
  const { name, args, options } = parsed;
  if (name === 'bernoulli_') return callMethod(call('empty', [args[1]]), name, args[0]);
  if (name.startsWith('nn.')) return construct(name, ...withOptions(args, camelKeys(options)));
  if (name.startsWith('init.')) return initialise(parsed);
  if (name === 'randint') return call(name, args[0], args[1], [args[2]], ...withOptions([], options));
  if (name.endsWith('_')) return inplace(parsed);
  if (typeof find(name) !== 'function') throw new Absent(name);
  return call(name, ...withOptions(args, options));
}
