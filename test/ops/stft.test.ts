import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';
import { expectClose } from '../close.js';

describe('stft and istft', () => {
  const x = ng.arange(40, { dtype: 'float32' }).sin().reshape([2, 20]);
  const window = ng.hannWindow(8);

  it('give a real tensor of parts unless asked for complex numbers', () => {
    const parts = ng.stft(x, 8, { window });
    expect(parts.shape).toEqual([2, 5, 11, 2]);
    const whole = ng.stft(x, 8, { window, returnComplex: true });
    expect(whole.dtype).toBe('complex64');
    expectClose(ng.viewAsReal(whole), parts);
  });

  it('undo each other, one-sided and whole', () => {
    const half = ng.stft(x, 8, { window, returnComplex: true });
    expectClose(ng.istft(half, 8, { window }), x);
    const whole = ng.stft(x, 8, { window, onesided: false, returnComplex: true });
    const back = ng.viewAsReal(ng.istft(whole, 8, { window, returnComplex: true }));
    expectClose(back.select(-1, 0), x);
    expectClose(back.select(-1, 1), ng.zeros([2, 20]));
  });

  it('the spectrum of real numbers is exactly conjugate', () => {
    const y = ng.viewAsReal(ng.fft.fft(ng.tensor([1.5, 2, 3, -1, 0.25, 7])));
    expect(y.at(0, 1).item()).toBe(0);
    expect(y.at(3, 1).item()).toBe(0);
    expect(y.at(5).tolist()).toEqual([y.at(1, 0).item(), -y.at(1, 1).item()]);
  });
});
