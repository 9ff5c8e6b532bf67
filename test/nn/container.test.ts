import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

const { nn } = ng;
const linear = (): InstanceType<typeof nn.Linear> => new nn.Linear(2, 2);

describe('Sequential', () => {
  it('runs its modules in turn, from a list, an object or a Map', () => {
    const [a, b] = [linear(), linear()];
    const x = ng.ones(1, 2);
    const expected = b(a(x)).tolist();
    expect(new nn.Sequential(a, b)(x).tolist()).toEqual(expected);
    const named = new nn.Sequential({ first: a, second: b });
    expect(named(x).tolist()).toEqual(expected);
    expect(
      new nn.Sequential(
        new Map([
          ['first', a],
          ['second', b],
        ]),
      )
        .namedChildren()
        .map(([name]) => name),
    ).toEqual(['first', 'second']);
  });

  it('is indexed, sliced, iterated and changed like a list', () => {
    const [a, b, c] = [linear(), linear(), linear()];
    const list = new nn.Sequential(a, b);
    expect([list.length, list[0], list.at(-1)]).toEqual([2, a, b]);
    expect([...list.append(c)]).toEqual([a, b, c]);
    expect([...list.slice(1)]).toEqual([b, c]);
    expect([...list.slice(-1).stateDict().keys()]).toEqual(['2.weight', '2.bias']);
    list.insert(1, c);
    expect([...list]).toEqual([a, c, b, c]);
    expect(list.pop(0)).toBe(a);
    expect([...list.stateDict().keys()].slice(0, 2)).toEqual(['0.weight', '0.bias']);
    list[0] = b;
    expect(list.at(0)).toBe(b);
    expect(list.set(-1, a).at(-1)).toBe(a);
    expect(list.mul(2)).toHaveLength(6);
    expect([...list.remove(0)]).toHaveLength(2);
    expect(() => list.at(9)).toThrow(/index 9 is out of range/);
    expect(() => list.append(3 as never)).toThrow(/not a Module/);
  });
});

describe('ModuleList', () => {
  it('registers and holds modules', () => {
    const [a, b] = [linear(), linear()];
    const list = new nn.ModuleList([a]);
    list.extend([b]).append(a);
    expect([...list]).toEqual([a, b, a]);
    expect(list.parameters()).toHaveLength(4);
    expect(String(new nn.ModuleList([new nn.Identity()]))).toBe('ModuleList(\n  (0): Identity()\n)');
    expect(() => new nn.ModuleList(3 as never)).toThrow(/iterable/);
  });
});

describe('ModuleDict', () => {
  it('holds modules by name, whatever the name', () => {
    const dict = new nn.ModuleDict({ conv: linear(), get: linear() });
    expect([...dict.keys()]).toEqual(['conv', 'get']);
    expect(dict.get('get')).not.toBe(dict.get('conv'));
    expect([dict.has('conv'), dict.has('toString'), dict.length]).toEqual([true, false, 2]);
    expect([...dict.stateDict().keys()]).toEqual(['conv.weight', 'conv.bias', 'get.weight', 'get.bias']);
    expect(() => dict.get('missing' as never)).toThrow(/there is no key 'missing'; it has conv, get/);
    dict.pop('get');
    expect([...dict].map(([name]) => name)).toEqual(['conv']);
  });

  it('keeps the order of pairs and refuses names of objects’ workings', () => {
    const dict = new nn.ModuleDict([
      ['9', linear()],
      ['1', linear()],
    ]);
    expect([...dict.keys()]).toEqual(['9', '1']);
    for (const name of ['__proto__', 'constructor', 'prototype']) {
      expect(() => new nn.ModuleDict([[name, linear()]])).toThrow(/not allowed/);
    }
    expect(() => new nn.ModuleDict([['a.b', linear()]])).toThrow(/can't contain/);
  });
});

describe('ParameterList and ParameterDict', () => {
  it('make parameters of tensors and print as PyTorch', () => {
    const list = new nn.ParameterList([ng.ones(2, 3), new nn.Parameter(ng.zeros(4))]);
    expect(list.parameters()).toHaveLength(2);
    expect(list.at(-1).shape).toEqual([4]);
    expect(String(list)).toBe(
      'ParameterList(\n    (0): Parameter containing: [torch.float32 of size 2x3]\n    (1): Parameter containing: [torch.float32 of size 4]\n)',
    );
    list.append(ng.ones(1));
    expect([list.length, [...list].length]).toEqual([3, 3]);
    expect(() => list.at(3)).toThrow(/out of range/);
  });

  it('find values by name', () => {
    const dict = new nn.ParameterDict({ right: ng.ones(2), left: ng.zeros(3), keys: ng.ones(1) });
    expect(dict.namedParameters().map(([name]) => name)).toEqual(['keys', 'left', 'right']);
    expect(dict.get('keys').shape).toEqual([1]);
    expect(() => dict.get('other')).toThrow(/there is no key 'other'/);
    expect(dict.get('other', null)).toBeNull();
    dict.set('left', ng.ones(5));
    expect(dict.get('left')).toBeInstanceOf(nn.Parameter);
    expect(dict.pop('keys').shape).toEqual([1]);
    expect([...ng.deepcopy(dict).keys()]).toEqual(['left', 'right']);
    expect(() => new nn.ParameterDict([['__proto__', ng.ones(1)]])).toThrow(/not allowed/);
  });
});
