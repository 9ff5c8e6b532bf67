// Steps of recurrent cells, and their gradients. The sums of the gates come in two parts: what the input gives (x) and
// what the hidden state gives (hidden), each [rows, gates · size].
#include "normalization.h"
#include "wide.h"

namespace ng {
namespace NG_ISA {
namespace {

/** f(row, place, count) for the elements of the states, `gates` sums each. */
template <class T, class F>
void forStates(Call& c, F&& f) {
  const int64_t rows = c.ints[0], size = c.ints[1];
  parallelFor(c.pool, rows, 2048 / (size + 1) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t row = begin; row < end; row++) {
      for (int64_t i = 0; i < size; i += Wide<T>::n) f(row, i, size - i < Wide<T>::n ? size - i : Wide<T>::n);
    }
  });
}

/** Checks dtypes and lengths: operand i holds `gates[i]` values for each element of a state. */
bool check(Call& c, int operands, const int* gates) {
  for (int i = 0; i < 2; i++) {
    if (c.ints[i] < 0) {
      c.badSize(i);
      return false;
    }
  }
  if (!floats(c, operands)) return false;
  for (int i = 0; i < operands; i++) {
    if (!needVector(c, i, int64_t{c.ints[0]} * c.ints[1] * gates[i])) return false;
  }
  return true;
}

template <class T>
struct Pointers {
  T* p[8];
  int64_t size;
  typedef typename Wide<T>::V V;

  Pointers(Call& c, int operands) : size(c.ints[1]) {
    for (int i = 0; i < operands; i++) p[i] = static_cast<T*>(c.x[i].data);
  }
  /** Of operand k, which has `gates` values in a row: the one of gate g at place i. */
  V get(int k, int gates, int64_t row, int g, int64_t i, int64_t count) const {
    return Wide<T>::get(p[k] + (row * gates + g) * size + i, count);
  }
  /** The same of an operand that may be absent: zeros then. */
  V getOrZero(int k, int64_t row, int64_t i, int64_t count) const {
    return p[k] ? get(k, 1, row, 0, i, count) : V(T(0));
  }
  void put(int k, int gates, int64_t row, int g, int64_t i, V x, int64_t count) const {
    Wide<T>::put(p[k] + (row * gates + g) * size + i, x, count);
  }
};

/** The gates of an LSTM from operands k, k + 1 and the cell state k + 2, and the next cell state. */
template <class T>
struct LstmGates {
  typedef typename Wide<T>::V V;
  V input, forget, cell, output, before, next;
  LstmGates(const Pointers<T>& p, int k, int64_t row, int64_t i, int64_t count)
      : before(p.get(k + 2, 1, row, 0, i, count)) {
    const auto sum = [&](int g) { return p.get(k, 4, row, g, i, count) + p.get(k + 1, 4, row, g, i, count); };
    input = sigmoid(sum(0));
    forget = sigmoid(sum(1));
    cell = tanh(sum(2));
    output = sigmoid(sum(3));
    next = forget * before + input * cell;
  }
};

template <class T>
void lstm(Call& c) {
  const Pointers<T> p(c, 5);
  forStates<T>(c, [&](int64_t row, int64_t i, int64_t count) {
    const LstmGates<T> gates(p, 2, row, i, count);
    p.put(0, 1, row, 0, i, gates.output * tanh(gates.next), count);
    p.put(1, 1, row, 0, i, gates.next, count);
  });
}

template <class T>
void lstmBackward(Call& c) {
  typedef typename Wide<T>::V V;
  const Pointers<T> p(c, 7);
  const V one(T(1));
  forStates<T>(c, [&](int64_t row, int64_t i, int64_t count) {
    const LstmGates<T> gates(p, 4, row, i, count);
    const V shown = tanh(gates.next), grad = p.getOrZero(2, row, i, count);
    const V ofCell = p.getOrZero(3, row, i, count) + grad * gates.output * (one - shown * shown);
    p.put(0, 4, row, 0, i, ofCell * gates.cell * (one - gates.input) * gates.input, count);
    p.put(0, 4, row, 1, i, ofCell * gates.before * (one - gates.forget) * gates.forget, count);
    p.put(0, 4, row, 2, i, ofCell * gates.input * (one - gates.cell * gates.cell), count);
    p.put(0, 4, row, 3, i, grad * shown * (one - gates.output) * gates.output, count);
    p.put(1, 1, row, 0, i, ofCell * gates.forget, count);
  });
}

/** The gates of a GRU from operands k, k + 1 and the hidden state k + 2. */
template <class T>
struct GruGates {
  typedef typename Wide<T>::V V;
  V reset, update, hidden, fresh, before;
  GruGates(const Pointers<T>& p, int k, int64_t row, int64_t i, int64_t count) {
    const auto x = [&](int g) { return p.get(k, 3, row, g, i, count); };
    const auto h = [&](int g) { return p.get(k + 1, 3, row, g, i, count); };
    reset = sigmoid(x(0) + h(0));
    update = sigmoid(x(1) + h(1));
    hidden = h(2);
    fresh = tanh(x(2) + reset * hidden);
    before = p.get(k + 2, 1, row, 0, i, count);
  }
};

template <class T>
void gru(Call& c) {
  const Pointers<T> p(c, 4);
  forStates<T>(c, [&](int64_t row, int64_t i, int64_t count) {
    const GruGates<T> gates(p, 1, row, i, count);
    p.put(0, 1, row, 0, i, (gates.before - gates.fresh) * gates.update + gates.fresh, count);
  });
}

template <class T>
void gruBackward(Call& c) {
  typedef typename Wide<T>::V V;
  const Pointers<T> p(c, 7);
  const V one(T(1));
  forStates<T>(c, [&](int64_t row, int64_t i, int64_t count) {
    const GruGates<T> gates(p, 4, row, i, count);
    const V grad = p.get(3, 1, row, 0, i, count);
    const V ofFresh = (grad - grad * gates.update) * (one - gates.fresh * gates.fresh);
    const V ofReset = ofFresh * gates.hidden * (one - gates.reset) * gates.reset;
    const V ofUpdate = grad * (gates.before - gates.fresh) * (one - gates.update) * gates.update;
    for (int k = 0; k < 2; k++) {
      p.put(k, 3, row, 0, i, ofReset, count);
      p.put(k, 3, row, 1, i, ofUpdate, count);
      p.put(k, 3, row, 2, i, k == 0 ? ofFresh : ofFresh * gates.reset, count);
    }
    p.put(2, 1, row, 0, i, grad * gates.update, count);
  });
}

}  // namespace

#define NG_CELL(name, function, ...)                                     \
  void kernel_##name(Call& c) {                                          \
    constexpr int gates[] = {__VA_ARGS__};                               \
    if (!check(c, sizeof gates / sizeof gates[0], gates)) return;        \
    c.x[0].dtype == kFloat32 ? function<float>(c) : function<double>(c); \
  }
NG_CELL(lstmCell, lstm, 1, 1, 4, 4, 1)
NG_CELL(lstmCellBackward, lstmBackward, 4, 1, 1, 1, 4, 4, 1)
NG_CELL(gruCell, gru, 1, 3, 3, 1)
NG_CELL(gruCellBackward, gruBackward, 3, 3, 1, 1, 3, 3, 1)
#undef NG_CELL

}  // namespace NG_ISA
}  // namespace ng
