import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

const { nn, optim } = ng;
const parameter = (values: readonly number[]): ng.Tensor =>
  new nn.Parameter(ng.tensor([...values], { dtype: 'float32' }));

/** One training step on Σ x². */
function stepOn(x: ng.Tensor, optimizer: InstanceType<typeof optim.Optimizer>): void {
  optimizer.zeroGrad();
  x.mul(x).sum().backward();
  optimizer.step();
}

const EVERY = {
  SGD: (p: ng.Tensor[]) => new optim.SGD(p, { lr: 0.1, momentum: 0.9 }),
  Adam: (p: ng.Tensor[]) => new optim.Adam(p, { lr: 0.1, amsgrad: true }),
  AdamW: (p: ng.Tensor[]) => new optim.AdamW(p, { lr: 0.1 }),
  Adamax: (p: ng.Tensor[]) => new optim.Adamax(p, { lr: 0.1 }),
  NAdam: (p: ng.Tensor[]) => new optim.NAdam(p, { lr: 0.1 }),
  RAdam: (p: ng.Tensor[]) => new optim.RAdam(p, { lr: 0.1 }),
  RMSprop: (p: ng.Tensor[]) => new optim.RMSprop(p, { lr: 0.1, momentum: 0.5, centered: true }),
  Rprop: (p: ng.Tensor[]) => new optim.Rprop(p, { lr: 0.1 }),
  Adagrad: (p: ng.Tensor[]) => new optim.Adagrad(p, { lr: 0.5 }),
  Adadelta: (p: ng.Tensor[]) => new optim.Adadelta(p),
  ASGD: (p: ng.Tensor[]) => new optim.ASGD(p, { lr: 0.1 }),
  SparseAdam: (p: ng.Tensor[]) => new optim.SparseAdam(p, { lr: 0.1 }),
};

describe.each(Object.entries(EVERY))('%s', (_, make) => {
  it('makes a sum of squares smaller', () => {
    const x = parameter([3, -2, 1]);
    const optimizer = make([x]);
    const before = x.mul(x).sum().item();
    for (let i = 0; i < 30; i++) stepOn(x, optimizer);
    expect(x.mul(x).sum().item()).toBeLessThan(before);
  });

  it('goes on from a state dict exactly as it would have', () => {
    const x = parameter([3, -2, 1]);
    const first = make([x]);
    for (let i = 0; i < 3; i++) stepOn(x, first);
    const state = first.stateDict();
    const y = parameter(x.tolist() as number[]);
    const second = make([y]);
    second.loadStateDict(state);
    for (let i = 0; i < 3; i++) {
      stepOn(x, first);
      stepOn(y, second);
    }
    expect(y.tolist()).toEqual(x.tolist());
  });

  it('steps strided and half-precision parameters as it does contiguous float32 ones', () => {
    const values = [
      [1, 2],
      [3, 4],
    ];
    const plain = new nn.Parameter(ng.tensor(values, { dtype: 'float32' }));
    const strided = ng.tensor(values, { dtype: 'float32' }).t().contiguous().t().detach().requiresGrad_();
    const half = new nn.Parameter(ng.tensor(values, { dtype: 'float16' }));
    for (const x of [plain, strided, half]) {
      x.grad = ng.tensor(
        [
          [0.5, -0.25],
          [1, 2],
        ],
        { dtype: x.dtype },
      );
      make([x]).step();
    }
    expect(strided.isContiguous()).toBe(false);
    expect(strided.tolist()).toEqual(plain.tolist());
    expect(half.dtype).toBe('float16');
    for (const [i, value] of (half.reshape(4).tolist() as number[]).entries()) {
      expect(value).toBeCloseTo((plain.detach().reshape(4).tolist() as number[])[i]!, 1);
    }
  });

  it('leaves parameters without a gradient alone', () => {
    const x = parameter([1, 2]);
    const before = x.tolist();
    make([x]).step();
    expect(x.tolist()).toEqual(before);
  });
});

describe('an optimizer', () => {
  it('refuses what it cannot train', () => {
    const x = parameter([1]);
    expect(() => new optim.SGD([], { lr: 0.1 })).toThrow(/empty parameter list/);
    expect(() => new optim.SGD(x, { lr: 0.1 })).toThrow(/should be an iterable of Tensors or dicts/);
    expect(() => new optim.SGD([x])).toThrow(/didn't specify a value of required optimization parameter lr/);
    expect(() => new optim.SGD([3 as never], { lr: 0.1 })).toThrow(/can only optimize Tensors/);
    expect(() => new optim.SGD([x.mul(2)], { lr: 0.1 })).toThrow(/non-leaf/);
    expect(() => new optim.SGD([x], { lr: -1 })).toThrow(/Invalid learning rate: -1/);
    expect(() => new optim.SGD([x], { lr: 0.1, nesterov: true })).toThrow(/Nesterov momentum requires/);
    expect(() => new optim.Adam([x], { betas: [1, 0.9] })).toThrow(/Invalid beta parameter at index 0/);
    expect(() => new optim.Adam([x], { beta: 1 } as never)).toThrow(/there is no argument "beta"/);
    expect(() => new optim.Adam([x], { differentiable: true })).toThrow(/differentiated/);
    expect(() => new optim.Adadelta([x], { rho: 2 })).toThrow(/Invalid rho/);
    expect(() => new optim.Rprop([x], { etas: [2, 3] })).toThrow(/Invalid eta/);
    expect(() => new optim.SGD([{ params: [x] }, { params: [x] }], { lr: 0.1 })).toThrow(
      /more than one parameter group/,
    );
    expect(() => new optim.SGD([{ params: new Set([x]) }], { lr: 0.1 })).toThrow(/ordered collections/);
  });

  it('has groups with options of their own', () => {
    const [x, y] = [parameter([1]), parameter([1])];
    const optimizer = new optim.SGD([{ params: x, lr: 0.5 }, { params: [y] }], { lr: 0.1 });
    for (const p of [x, y]) p.grad = ng.ones(1);
    optimizer.step();
    expect([x.item(), y.item()]).toEqual([0.5, Math.fround(0.9)]);
    const z = parameter([1]);
    optimizer.addParamGroup({ params: z, lr: 0.25 });
    z.grad = ng.ones(1);
    optimizer.step();
    expect(z.item()).toBe(0.75);
  });

  it('gives a closure gradients, though inside noGrad, and returns its result', () => {
    const x = parameter([2]);
    const optimizer = new optim.SGD([x], { lr: 0.1 });
    const loss = ng.noGrad(() =>
      optimizer.step(() => {
        optimizer.zeroGrad();
        const value = x.mul(x).sum();
        value.backward();
        return value;
      }),
    );
    expect(loss.item()).toBe(4);
    expect(x.item()).toBeCloseTo(1.6, 6);
  });

  it('prints as PyTorch, floats told from whole numbers', () => {
    const x = parameter([1]);
    expect(String(new optim.Adadelta([x]))).toBe(
      'Adadelta (\nParameter Group 0\n    eps: 1e-06\n    foreach: None\n    lr: 1.0\n    maximize: False\n    rho: 0.9\n    weight_decay: 0\n)',
    );
    expect(String(new optim.SGD([x], { lr: ng.float(2) }))).toContain('    lr: 2.0\n');
    expect(String(new optim.SGD([x], { lr: 2 }))).toContain('    lr: 2\n');
    expect(String(new optim.Adam([x], { betas: [0.5, 0.9] }))).toContain('    betas: (0.5, 0.9)\n');
    expect(String(new optim.ASGD([x]))).toContain('    t0: 1000000.0\n');
  });

  it('calls hooks around a step', () => {
    const x = parameter([1]);
    const optimizer = new optim.SGD([x], { lr: 0.1 });
    const log: string[] = [];
    optimizer.registerStepPreHook(() => void log.push('pre'));
    const handle = optimizer.registerStepPostHook((given) => void log.push(given === optimizer ? 'post' : 'other'));
    optimizer.step();
    handle.remove();
    optimizer.step();
    expect(log).toEqual(['pre', 'post', 'pre']);
  });

  it('makes a gradient that needs its parameter stale', () => {
    const x = parameter([1]);
    const loss = x.mul(x).sum();
    x.grad = ng.ones(1);
    new optim.SGD([x], { lr: 0.1 }).step();
    expect(() => loss.backward()).toThrow(/modified by an inplace operation/);
  });
});

describe('an optimizer’s state dict', () => {
  it('is PyTorch’s: numbers for parameters, snake_case names, steps as tensors', () => {
    const [x, y] = [parameter([1]), parameter([2])];
    const optimizer = new optim.Adam([{ params: [x] }, { params: [y], lr: 0.5 }]);
    for (const p of [x, y]) p.grad = ng.ones(1);
    optimizer.step();
    const state = optimizer.stateDict();
    expect(state.param_groups.map((group) => [group.params, group.lr, group.weight_decay])).toEqual([
      [[0], 0.001, 0],
      [[1], 0.5, 0],
    ]);
    expect([...state.state.keys()]).toEqual([0, 1]);
    expect(Object.keys(state.state.get(1)!)).toEqual(['step', 'exp_avg', 'exp_avg_sq']);
    expect(String(state.state.get(1)!.step)).toBe('tensor(1.)');
    expect(typeof new optim.RMSprop([x]).stateDict().param_groups[0]?.alpha).toBe('number');
  });

  it('loads from plain objects, whose keys are strings', () => {
    const x = parameter([1, 2]);
    const optimizer = new optim.SGD([x], { lr: 0.1, momentum: 0.9 });
    optimizer.loadStateDict({
      state: { '0': { momentum_buffer: ng.tensor([1, 1], { dtype: 'float32' }) } },
      param_groups: [{ lr: 0.5, momentum: 0.5, dampening: 0, weight_decay: 0, nesterov: false, params: [0] }],
    });
    x.grad = ng.zeros(2);
    optimizer.step();
    expect(x.tolist()).toEqual([0.75, 1.75]);
  });

  it('is refused where it does not fit, and nothing changes', () => {
    const x = parameter([1, 2]);
    const optimizer = new optim.Adam([x], { lr: 0.25 });
    const groups = [{ lr: 9, params: [0] }];
    expect(() => optimizer.loadStateDict({ state: {}, param_groups: [] })).toThrow(
      /different number of parameter groups/,
    );
    expect(() => optimizer.loadStateDict({ state: {}, param_groups: [{ params: [0, 1] }] })).toThrow(
      /doesn't match the size/,
    );
    expect(() => optimizer.loadStateDict({ state: { 0: { exp_avg: ng.ones(3) } }, param_groups: groups })).toThrow(
      /has shape \[3\]/,
    );
    expect(() => optimizer.loadStateDict({ state: { 0: { exp_avg: 'x' } }, param_groups: groups })).toThrow(
      /expected a tensor or a number/,
    );
    expect(() => optimizer.loadStateDict(new Map([['state', new Map()]]))).toThrow(/no list param_groups/);
    expect(() => optimizer.loadStateDict({ state: new Map([['__proto__', {}]]), param_groups: groups })).toThrow(
      /not allowed/,
    );
    expect(() => optimizer.loadStateDict(null as never)).toThrow(/expected a dict/);
    expect(optimizer.paramGroups[0]?.lr).toBe(0.25);
  });
});

describe('SparseAdam', () => {
  it('leaves rows alone that have no gradient', () => {
    const x = new nn.Parameter(ng.ones(3, 2));
    const optimizer = new optim.SparseAdam([x], { lr: 0.1 });
    x.grad = ng.tensor(
      [
        [1, 1],
        [0, 0],
        [1, 0],
      ],
      { dtype: 'float32' },
    );
    for (let i = 0; i < 3; i++) optimizer.step();
    const [first, second, third] = x.tolist() as number[][];
    expect(second).toEqual([1, 1]);
    expect(first![0]).toBeCloseTo(0.7, 5);
    expect(third![1]).toBe(1);
  });
});

describe('LBFGS', () => {
  it('needs a closure and one group', () => {
    const [x, y] = [parameter([1]), parameter([1])];
    expect(() => (new optim.LBFGS([x]).step as () => void)()).toThrow(/closure is needed/);
    expect(() => new optim.LBFGS([{ params: [x] }, { params: [y] }])).toThrow(/parameter groups/);
    expect(() => new optim.LBFGS([x], { lineSearchFn: 'other' as never }).step(() => x.sum())).toThrow(
      /only 'strong_wolfe'/,
    );
  });

  it('finds the minimum of Rosenbrock’s function, and goes on from a state dict', () => {
    const run = (steps: number, x: ng.Tensor, optimizer: InstanceType<typeof optim.LBFGS>): void => {
      for (let i = 0; i < steps; i++) {
        optimizer.step(() => {
          optimizer.zeroGrad();
          const [a, b] = [x.at(0), x.at(1)];
          const loss = a
            .sub(1)
            .pow(2)
            .add(b.sub(a.pow(2)).pow(2).mul(100));
          loss.backward();
          return loss;
        });
      }
    };
    const make = (x: ng.Tensor) => new optim.LBFGS([x], { lineSearchFn: 'strong_wolfe', maxIter: 5 });
    const x = new nn.Parameter(ng.tensor([-1.5, 2], { dtype: 'float64' }));
    const optimizer = make(x);
    run(3, x, optimizer);
    const y = new nn.Parameter(x.detach().clone());
    const resumed = make(y);
    resumed.loadStateDict(optimizer.stateDict());
    run(8, x, optimizer);
    run(8, y, resumed);
    expect(x.tolist()).toEqual(y.tolist());
    expect(x.at(0).item()).toBeCloseTo(1, 4);
    expect(x.at(1).item()).toBeCloseTo(1, 4);
  });
});
