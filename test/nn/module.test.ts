import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Grad } from '../../src/autograd/node.js';
import * as ng from '../../src/index.js';
import type { Module, Parameter } from '../../src/nn/index.js';

const { nn } = ng;

class Net extends nn.Module {
  hidden = new nn.Linear(2, 3);
  output = new nn.Linear(3, 1, { bias: false });
  scale = new nn.Parameter(ng.ones(1));

  override forward(x: ng.Tensor): ng.Tensor {
    return this.output(this.hidden(x)).mul(this.scale);
  }
}

const names = (pairs: readonly (readonly [string, unknown])[]): string[] => pairs.map(([name]) => name);

describe('a module', () => {
  it('is called like a function and is an instance of its classes', () => {
    const net = new Net();
    expect(typeof net).toBe('function');
    expect(net).toBeInstanceOf(nn.Module);
    expect(net(ng.ones(4, 2)).shape).toEqual([4, 1]);
    expect(net.forward(ng.ones(4, 2)).tolist()).toEqual(net(ng.ones(4, 2)).tolist());
  });

  it('leaves name, length and other names of functions to its class', () => {
    class Named extends nn.Module {
      override name = 'mine';
      override length = 7;
      override forward(x: number): number {
        return x;
      }
    }
    const named = new Named();
    expect([named.name, named.length]).toEqual(['mine', 7]);
    expect('caller' in new Net()).toBe(false);
    expect(named.call(null, 3)).toBe(3);
    const module = new nn.Module();
    module.addModule('call', named);
    module.addModule('caller', named);
    expect(module.namedChildren()).toHaveLength(1);
  });

  it('registers class fields and later assignments in order', () => {
    const net = new Net();
    expect(names(net.namedParameters())).toEqual(['scale', 'hidden.weight', 'hidden.bias', 'output.weight']);
    (net as unknown as Record<string, unknown>).extra = new nn.Linear(1, 1);
    expect(names(net.namedChildren())).toEqual(['hidden', 'output', 'extra']);
    delete (net as unknown as Record<string, unknown>).extra;
    expect(names(net.namedChildren())).toEqual(['hidden', 'output']);
  });

  it('keeps the place of a name whose parameter is replaced', () => {
    const linear = new nn.Linear(2, 2);
    linear.weight = new nn.Parameter(ng.zeros(2, 2));
    expect(names(linear.namedParameters())).toEqual(['weight', 'bias']);
    expect(linear.parameters()[0]).toBe(linear.weight);
  });

  it('keeps the order of registration for names that are numbers', () => {
    const module = new nn.Module();
    module.addModule('stem', new nn.Identity());
    module.addModule('1', new nn.Identity());
    module.addModule('0', new nn.Identity());
    expect(names(module.namedChildren())).toEqual(['stem', '1', '0']);
  });

  it('refuses a plain tensor where a parameter was', () => {
    const linear = new nn.Linear(2, 2);
    (linear as { weight: ng.Tensor }).weight = ng.zeros(2, 2);
    expect(() => linear.parameters()).toThrow(/Linear: cannot assign a Tensor of shape \[2, 2\] to parameter 'weight'/);
  });

  it('lets a deleted parameter be followed by a plain attribute', () => {
    const linear = new nn.Linear(2, 2);
    delete (linear as { weight?: Parameter }).weight;
    (linear as { weight: ng.Tensor }).weight = ng.zeros(2, 2);
    expect(names(linear.namedParameters())).toEqual(['bias']);
  });

  it('finds each parameter once, though it is in two places', () => {
    const net = new Net();
    const twin = new nn.Sequential(net.hidden, net.hidden);
    expect(twin.parameters()).toHaveLength(2);
    expect(names(twin.namedParameters({ removeDuplicate: false }))).toHaveLength(4);
    expect(names(twin.namedParameters('model'))).toEqual(['model.0.weight', 'model.0.bias']);
    expect(twin.modules()).toHaveLength(2);
  });

  it('registers buffers by registerBuffer and nn.Buffer, not by assignment of a tensor', () => {
    class WithBuffers extends nn.Module {
      plain = ng.ones(1);
      kept = new nn.Buffer(ng.zeros(2));
      passing = new nn.Buffer(ng.zeros(2), { persistent: false });
      declared?: ng.Tensor;

      constructor() {
        super();
        this.registerBuffer('declared', ng.ones(3));
        this.registerBuffer('absent', null);
      }
    }
    const module = new WithBuffers();
    expect(names(module.namedBuffers())).toEqual(['kept', 'passing', 'declared']);
    expect([...module.stateDict().keys()]).toEqual(['kept', 'declared']);
    module.declared = ng.zeros(3);
    expect(module.getBuffer('declared')).toBe(module.declared);
  });

  it('refuses names that are taken, empty or dotted, and values of the wrong kind', () => {
    const net = new Net();
    expect(() => net.registerParameter('forward', null)).toThrow(/attribute 'forward' already exists/);
    expect(() => net.registerParameter('a.b', null)).toThrow(/can't contain "\."/);
    expect(() => net.registerBuffer('', null)).toThrow(/can't be empty/);
    expect(() => net.registerBuffer('__proto__', null)).toThrow(/not allowed/);
    expect(() => net.registerParameter('p', ng.ones(1) as never)).toThrow(/nn.Parameter or null required/);
    expect(() => net.addModule('m', {} as never)).toThrow(/not a Module subclass/);
  });

  it('throws for paths that lead nowhere', () => {
    const net = new Net();
    expect(net.getSubmodule('hidden')).toBe(net.hidden);
    expect(net.getParameter('hidden.weight')).toBe(net.hidden.weight);
    expect(() => net.getSubmodule('missing')).toThrow(/Net has no attribute `missing`.*it has hidden, output/);
    expect(() => net.getParameter('hidden.missing')).toThrow(/Linear has no parameter `missing`.*weight, bias/);
    expect(() => net.getBuffer('hidden.weight')).toThrow(/no buffer/);
  });

  it('says so when it has no forward', () => {
    expect(() => (new nn.Module() as unknown as () => void)()).toThrow(/missing the required "forward" function/);
  });

  it('changes mode, dtype and requiresGrad of all of it', () => {
    const net = new Net();
    expect(net.eval().hidden.training).toBe(false);
    expect(net.train().hidden.training).toBe(true);
    const { weight } = net.hidden;
    weight.grad = ng.ones(3, 2);
    net.double();
    expect([net.hidden.weight === weight, weight.dtype, weight.grad?.dtype]).toEqual([true, 'float64', 'float64']);
    expect(weight).toBeInstanceOf(nn.Parameter);
    net.requiresGrad_(false);
    expect(net.parameters().some((parameter) => parameter.requiresGrad)).toBe(false);
    expect(() => net.to('int64')).toThrow(/only accepts floating point/);
    expect(() => net.to('cuda')).toThrow(/cuda/);
  });

  it('applies a function to the inside first', () => {
    const seen: string[] = [];
    new Net().apply((module) => void seen.push(module.getName()));
    expect(seen).toEqual(['Linear', 'Linear', 'Net']);
  });

  it('prints as PyTorch does, through inspect and repr too', () => {
    const expected = [
      'Net(',
      '  (hidden): Linear(in_features=2, out_features=3, bias=True)',
      '  (output): Linear(in_features=3, out_features=1, bias=False)',
      ')',
    ].join('\n');
    const net = new Net();
    expect([String(net), inspect(net), ng.repr(net)]).toEqual([expected, expected, expected]);
    expect(String(new nn.Module())).toBe('Module()');
  });

  it('forgets gradients or sets them to 0', () => {
    const net = new Net();
    net(ng.ones(1, 2)).sum().backward();
    net.zeroGrad({ setToNone: false });
    expect(net.scale.grad?.tolist()).toEqual([0]);
    net.zeroGrad();
    expect(net.scale.grad).toBeNull();
  });
});

describe('deepcopy', () => {
  it('shares nothing but keeps what was shared inside', () => {
    const layer = new nn.Linear(2, 2);
    const net = new nn.Sequential(layer, layer);
    const copy = ng.deepcopy(net);
    expect(copy.at(0)).toBe(copy.at(1));
    expect(copy.at(0)).not.toBe(layer);
    ng.noGrad(() => void layer.weight.zero_());
    expect((copy.at(0) as typeof layer).weight.tolist()).not.toEqual(layer.weight.tolist());
    expect(copy(ng.ones(1, 2)).shape).toEqual([1, 2]);
  });

  it('copies hooks, containers of values and gradients', () => {
    class Holder extends Net {
      list = [ng.ones(1), { inner: ng.zeros(1) }] as const;
      map = new Map([['a', ng.ones(1)]]);
    }
    const holder = new Holder();
    let calls = 0;
    holder.registerForwardPreHook(() => void calls++);
    holder.scale.grad = ng.ones(1);
    const copy = holder.clone();
    copy(ng.ones(1, 2));
    expect(calls).toBe(1);
    expect(copy.list[1].inner === holder.list[1].inner).toBe(false);
    expect(copy.map.get('a') === holder.map.get('a')).toBe(false);
    expect(copy.scale.grad?.tolist()).toEqual([1]);
    expect(copy.scale.requiresGrad).toBe(true);
  });

  it('refuses tensors that the graph made', () => {
    const x = ng.ones(1, { requiresGrad: true });
    expect(() => ng.deepcopy({ y: x.mul(2) })).toThrow(/graph leaves/);
  });
});

describe('state dicts', () => {
  it('share memory, print as an OrderedDict and load back', () => {
    const net = new Net();
    const state = net.stateDict();
    expect(String(state)).toMatch(/^OrderedDict\(\[\('scale', tensor\(\[1\.\]\)\), \('hidden\.weight', tensor\(/);
    expect([...new Net().stateDict({ prefix: 'net.' }).keys()][0]).toBe('net.scale');
    expect(net.stateDict({ keepVars: true }).get('scale')).toBe(net.scale);
    const other = new Net();
    expect(String(other.loadStateDict(state))).toBe('<All keys matched successfully>');
    expect(other.hidden.weight.tolist()).toEqual(net.hidden.weight.tolist());
    ng.noGrad(() => void net.scale.fill_(5));
    expect(state.get('scale')?.tolist()).toEqual([5]);
  });

  it('refuses what does not match, listing all of it and changing nothing', () => {
    const net = new Net();
    const before = net.hidden.bias?.tolist();
    const state = {
      'hidden.weight': ng.ones(2, 2),
      'hidden.bias': ng.ones(3),
      extra: ng.ones(1),
      'output.weight.x': ng.ones(1),
    };
    expect(() => net.loadStateDict(state)).toThrow(
      [
        'loadStateDict: Error(s) in loading state_dict for Net:',
        '\tMissing key(s) in state_dict: "scale", "output.weight". ',
        '\tUnexpected key(s) in state_dict: "extra", "output.weight.x". ',
        '\tsize mismatch for hidden.weight: copying a param with shape torch.Size([2, 2]) from checkpoint, the shape in current model is torch.Size([3, 2]).',
      ].join('\n'),
    );
    expect(net.hidden.bias?.tolist()).toEqual(before);
  });

  it('loads what it can when not strict, and says what it could not', () => {
    const net = new Net();
    const result = net.loadStateDict(
      new Map([
        ['hidden.bias', ng.ones(3)],
        ['extra', ng.ones(1)],
      ]),
      { strict: false },
    );
    expect(result.missingKeys).toEqual(['scale', 'hidden.weight', 'output.weight']);
    expect(result.unexpectedKeys).toEqual(['extra']);
    expect(net.hidden.bias?.tolist()).toEqual([1, 1, 1]);
    expect(String(result)).toBe(
      "_IncompatibleKeys(missing_keys=['scale', 'hidden.weight', 'output.weight'], unexpected_keys=['extra'])",
    );
  });

  it('refuses values that are no tensors and names that reach into objects', () => {
    const net = new nn.Linear(1, 1);
    expect(() => net.loadStateDict({ weight: 3, bias: ng.ones(1) } as never)).toThrow(
      /expected torch\.Tensor.*received number/,
    );
    expect(() => net.loadStateDict(new Map([['__proto__', ng.ones(1)]]))).toThrow(/not allowed/);
    expect(() => net.loadStateDict(JSON.parse('{"constructor": 1}') as never)).toThrow(/not allowed/);
    expect(() => net.loadStateDict(null as never)).toThrow(/expected a state dict/);
    expect(({} as Record<string, unknown>).weight).toBeUndefined();
  });

  it('runs its hooks and keeps extra state', () => {
    class Extra extends nn.Module {
      weight = new nn.Parameter(ng.ones(1));
      steps = 3;
      override getExtraState(): unknown {
        return ng.tensor(this.steps);
      }
      override setExtraState(state: unknown): void {
        this.steps = (state as ng.Tensor).item();
      }
    }
    const module = new Extra();
    module.registerStateDictHook((_, state, prefix) => void state.set(`${prefix}added`, ng.zeros(1)));
    const state = module.stateDict();
    expect([...state.keys()]).toEqual(['weight', '_extra_state', 'added']);
    const other = new Extra();
    other.registerLoadStateDictPreHook((given, prefix) => void given.delete(`${prefix}added`));
    const seen: (readonly string[])[] = [];
    other.registerLoadStateDictPostHook((_, { missingKeys }) => void seen.push(missingKeys));
    state.set('_extra_state', ng.tensor(9));
    other.loadStateDict(state);
    expect([other.steps, seen]).toEqual([9, [[]]]);
  });
});

describe('the metadata of a state dict', () => {
  it('has the version of each module, as PyTorch keeps it', async () => {
    const model = new nn.Sequential(nn.utils.spectralNorm(new nn.Linear(2, 3)), new nn.BatchNorm1d(3));
    const text =
      "OrderedDict([('', {'version': 1}), ('0', {'version': 1, 'spectral_norm': {'weight.version': 1}}), ('1', {'version': 2})])";
    expect(ng.repr(model.stateDict().metadata)).toBe(text);
    nn.utils.removeSpectralNorm(model.at(0));
    expect(ng.repr(model.stateDict().metadata)).toBe(
      "OrderedDict([('', {'version': 1}), ('0', {'version': 1}), ('1', {'version': 2})])",
    );
    expect(ng.repr(new nn.BatchNorm1d(2).stateDict({ prefix: 'a.' }).metadata)).toBe(
      "OrderedDict([('a', {'version': 2})])",
    );
  });

  it('says whether a count of batches is missing or was not yet there', () => {
    const norm = new nn.BatchNorm1d(2);
    const state = norm.stateDict();
    state.delete('num_batches_tracked');
    expect(() => norm.loadStateDict(state)).toThrow(/Missing key\(s\) in state_dict: "num_batches_tracked"/);
    expect(String(norm.loadStateDict(new Map(state)))).toBe('<All keys matched successfully>');
  });
});

describe('hooks', () => {
  it('run in order around forward and may replace arguments and result', () => {
    const linear = new nn.Linear(1, 1);
    const log: string[] = [];
    linear.registerForwardPreHook((_, [x]) => {
      log.push('pre');
      return [x.mul(0)];
    });
    const handle = linear.registerForwardHook((module, [x], y) => {
      log.push(`forward ${module === linear} ${x.item()}`);
      return y.add(100);
    });
    const y = linear(ng.ones(1, 1));
    expect(y.item()).toBeCloseTo(100 + (linear.bias?.item() ?? 0), 4);
    handle.remove();
    linear(ng.ones(1, 1));
    expect(log).toEqual(['pre', 'forward true 0', 'pre']);
  });

  it('see the gradients of inputs and outputs, and may replace the inputs’', () => {
    const net = new Net();
    const seen: [Grad[], Grad[]][] = [];
    net.registerFullBackwardHook((_, gradInput, gradOutput) => {
      seen.push([gradInput, gradOutput]);
      return gradInput.map((grad) => (grad === null ? null : grad.mul(2)));
    });
    const x = ng.ones([1, 2], { requiresGrad: true });
    net(x).sum().backward();
    const [[gradInput, gradOutput]] = seen as [[Grad[], Grad[]]];
    expect(gradOutput[0]?.tolist()).toEqual([[1]]);
    expect(x.grad?.tolist()).toEqual(gradInput[0]?.mul(2).tolist());
  });

  it('are called with nulls when no input needs a gradient', () => {
    const linear = new nn.Linear(1, 1);
    const inputs: Grad[][] = [];
    linear.registerFullBackwardHook((_, gradInput) => void inputs.push(gradInput));
    linear(ng.ones(1, 1)).sum().backward();
    expect(inputs).toEqual([[null]]);
  });

  it('change the gradients of outputs before the module’s own', () => {
    const linear = new nn.Linear(1, 1);
    linear.registerFullBackwardPreHook((_, [grad]) => [grad?.mul(3) ?? null]);
    linear(ng.ones(1, 1)).sum().backward();
    expect(linear.weight.grad?.tolist()).toEqual([[3]]);
  });

  it('can be registered for every module', () => {
    const seen: string[] = [];
    const handle = nn.registerModuleForwardHook((module: Module) => void seen.push(module.getName()));
    new Net()(ng.ones(1, 2));
    handle.remove();
    new Net()(ng.ones(1, 2));
    expect(seen).toEqual(['Linear', 'Linear', 'Net']);
  });
});

describe('Parameter', () => {
  it('prints as PyTorch does and needs a floating dtype', () => {
    expect(String(new nn.Parameter(ng.ones(2)))).toBe('Parameter containing:\ntensor([1., 1.], requires_grad=True)');
    expect(String(new nn.Parameter(ng.ones(1), false))).toBe('Parameter containing:\ntensor([1.])');
    expect(() => new nn.Parameter(ng.tensor([1, 2]))).toThrow(/floating point/);
    expect(new nn.Parameter(ng.tensor([1, 2]), { requiresGrad: false }).dtype).toBe('int64');
  });

  it('gives plain tensors when it is computed with', () => {
    expect(new nn.Parameter(ng.ones(1)).mul(2)).not.toBeInstanceOf(nn.Parameter);
  });
});
