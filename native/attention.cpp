// Attention without the matrix of scores: blocks of queries meet blocks of keys, the softmax is carried along (largest
// score and sum so far), and the gradient makes its scores anew from the logarithm of each row's sum.
#include "attention.h"

#include "gemm_pack.h"
#include "multiply.h"

namespace ng {
namespace NG_ISA {
namespace {

template <class T>
struct Forward {
  Sizes sizes;
  Matrices<T> out, query, key, value, mask;
  T* logSums;

  /** The queries from `begin` to `end` of one matrix. */
  void span(int64_t matrix, int64_t begin, int64_t end, const Workspace<T>& work) const {
    T* o = out.of(sizes, matrix);
    const T *q = query.of(sizes, matrix), *k = key.of(sizes, matrix), *v = value.of(sizes, matrix);
    const T* m = mask.data == nullptr ? nullptr : mask.of(sizes, matrix);
    const typename Wide<T>::V scale(static_cast<T>(sizes.scale));
    T *const largest = work.rows, *const sums = work.rows + kSpan;
    for (int64_t i = 0; i < end - begin; i++) {
      largest[i] = static_cast<T>(-INFINITY);
      sums[i] = T(0);
    }
    for (int64_t c = 0; c < sizes.columns; c += kKeys) {
      if (sizes.causal && c >= end) break;
      const int64_t keys = lesser(kKeys, sizes.columns - c), width = roundUp(keys, VectorOf<T>::lanes);
      packTransposed(work.keys, width, k + c * key.row, key.row, keys, sizes.width);
      for (int64_t r = begin; r < end; r += kQueries) {
        const int64_t rows = lesser(kQueries, end - r), columns = sizes.seen(r + rows - 1, c, keys);
        if (columns == 0) continue;
        multiply(false, rows, columns, sizes.width, q + r * query.row, query.row, work.keys, width, work.scores, kKeys,
                 false);
        for (int64_t i = 0; i < rows; i++) {
          T* s = work.scores + i * kKeys;
          T& most = largest[r - begin + i];
          const T before = most;
          const Scores<T> row = {sizes.seen(r + i, c, columns), scale,
                                 m == nullptr ? nullptr : m + (r + i) * mask.row + c};
          most = row.finish(s, columns, most);
          // A row that sees nothing yet has no largest score to take off.
          const T shift = most == static_cast<T>(-INFINITY) ? T(0) : most;
          const T kept = c == 0 ? T(0) : static_cast<T>(::exp(static_cast<double>(before - shift)));
          T& sum = sums[r - begin + i];
          sum = sum * kept + exponentials(s, columns, shift);
          if (c > 0) scaleRow(o + (r + i) * out.row, sizes.valueWidth, kept);
        }
        multiply(false, rows, sizes.valueWidth, columns, work.scores, kKeys, v + c * value.row, value.row,
                 o + r * out.row, out.row, c > 0);
      }
    }
    for (int64_t i = 0; i < end - begin; i++) scaleRow(o + (begin + i) * out.row, sizes.valueWidth, T(1) / sums[i]);
    typedef Wide<T> L;
    T* const to = logSums + matrix * sizes.rows + begin;
    for (int64_t i = 0; i < end - begin; i += L::n) {
      const typename L::V logSum = L::get(largest + i) + log(L::get(sums + i));
      if (end - begin - i < L::n)
        L::put(to + i, logSum, end - begin - i);
      else
        L::put(to + i, logSum);
    }
  }
};

template <class T>
struct Backward {
  Sizes sizes;
  Matrices<T> queryGrad, keyGrad, valueGrad, grad, query, key, value, mask, out;
  const T* logSums;

  void matrix(int64_t index, const Workspace<T>& work) const {
    T *dq = queryGrad.of(sizes, index), *dk = keyGrad.of(sizes, index), *dv = valueGrad.of(sizes, index);
    const T *g = grad.of(sizes, index), *o = out.of(sizes, index), *q = query.of(sizes, index);
    const T *k = key.of(sizes, index), *v = value.of(sizes, index);
    const T* m = mask.data == nullptr ? nullptr : mask.of(sizes, index);
    const typename Wide<T>::V scale(static_cast<T>(sizes.scale));
    clear(dk, sizes.columns, keyGrad.row, sizes.width);
    clear(dv, sizes.columns, valueGrad.row, sizes.valueWidth);
    for (int64_t i = 0; i < sizes.rows; i++) work.rows[i] = dotRow(g + i * grad.row, o + i * out.row, sizes.valueWidth);
    for (int64_t c = 0; c < sizes.columns; c += kKeys) {
      const int64_t keys = lesser(kKeys, sizes.columns - c), width = roundUp(keys, VectorOf<T>::lanes);
      packTransposed(work.keys, width, k + c * key.row, key.row, keys, sizes.width);
      packTransposed(work.values, width, v + c * value.row, value.row, keys, sizes.valueWidth);
      for (int64_t r = sizes.causal ? c : 0; r < sizes.rows; r += kQueries) {
        const int64_t rows = lesser(kQueries, sizes.rows - r), columns = sizes.seen(r + rows - 1, c, keys);
        const T *qr = q + r * query.row, *gr = g + r * grad.row;
        multiply(false, rows, columns, sizes.width, qr, query.row, work.keys, width, work.scores, kKeys, false);
        multiply(false, rows, columns, sizes.valueWidth, gr, grad.row, work.values, width, work.grads, kKeys, false);
        for (int64_t i = 0; i < rows; i++) {
          const Scores<T> row = {sizes.seen(r + i, c, columns), scale,
                                 m == nullptr ? nullptr : m + (r + i) * mask.row + c};
          row.gradient(work.scores + i * kKeys, work.grads + i * kKeys, columns, logSums[index * sizes.rows + r + i],
                       work.rows[r + i]);
        }
        multiply(true, columns, sizes.valueWidth, rows, work.scores, kKeys, gr, grad.row, dv + c * valueGrad.row,
                 valueGrad.row, true);
        multiply(true, columns, sizes.width, rows, work.grads, kKeys, qr, query.row, dk + c * keyGrad.row, keyGrad.row,
                 true);
        multiply(false, rows, sizes.width, columns, work.grads, kKeys, k + c * key.row, key.row, dq + r * queryGrad.row,
                 queryGrad.row, c > 0);
      }
    }
  }
};

/** Runs f(task, workspace) for every task. */
template <class T, class F>
void forTasks(Call& call, const Sizes& sizes, int64_t tasks, int64_t work, int64_t rows, F&& f) {
  bool ok = true;
  parallelFor(call.pool, tasks, kWork / (work + 1) + 1, [&](int64_t begin, int64_t end, int thread) {
    const Workspace<T> space(call.pool, thread, sizes, rows);
    if (space.keys == nullptr) {
      ok = false;
      return;
    }
    for (int64_t task = begin; task < end; task++) f(task, space);
  });
  if (!ok) call.noMemory();
}

template <class T>
void forward(Call& call, const Sizes& sizes) {
  const Forward<T> pass = {sizes,
                           matrices<T>(call, 0, 7),
                           matrices<T>(call, 2, 10),
                           matrices<T>(call, 3, 13),
                           matrices<T>(call, 4, 16),
                           matrices<T>(call, 5, 19),
                           static_cast<T*>(call.x[1].data)};
  const int64_t spans = (sizes.rows + kSpan - 1) / kSpan;
  const int64_t work = lesser(sizes.rows, kSpan) * sizes.columns * (sizes.width + sizes.valueWidth);
  forTasks<T>(call, sizes, sizes.matrices() * spans, work, 2 * kSpan, [&](int64_t task, const Workspace<T>& space) {
    const int64_t begin = task % spans * kSpan;
    pass.span(task / spans, begin, lesser(begin + kSpan, sizes.rows), space);
  });
}

template <class T>
void backward(Call& call, const Sizes& sizes) {
  const Backward<T> pass = {sizes,
                            matrices<T>(call, 0, 7),
                            matrices<T>(call, 1, 10),
                            matrices<T>(call, 2, 13),
                            matrices<T>(call, 3, 16),
                            matrices<T>(call, 4, 19),
                            matrices<T>(call, 5, 22),
                            matrices<T>(call, 6, 25),
                            matrices<T>(call, 7, 28),
                            matrices<T>(call, 8, 31),
                            static_cast<const T*>(call.x[9].data)};
  const int64_t work = sizes.rows * sizes.columns * (3 * sizes.width + 2 * sizes.valueWidth);
  forTasks<T>(call, sizes, sizes.matrices(), work, sizes.rows,
              [&](int64_t task, const Workspace<T>& space) { pass.matrix(task, space); });
}

/** Whether operand i holds matrices of rows × width at the distances of ints[at …]. */
bool fits(Call& call, const Sizes& sizes, int i, int at, int64_t rows, int64_t width) {
  if (call.x[i].data == nullptr) return true;
  const int32_t* steps = call.ints + at;
  for (int d = 0; d < 3; d++) {
    if (steps[d] < 0) {
      call.badSize(at + d);
      return false;
    }
  }
  if (call.x[i].dtype != call.x[0].dtype) {
    call.badDType(i);
    return false;
  }
  return call.need(i, (sizes.batch - 1) * steps[0] + (sizes.heads - 1) * steps[1] + (rows - 1) * steps[2] + width);
}

bool sizesOf(Call& call, Sizes* sizes) {
  const int32_t* ints = call.ints;
  for (int i = 0; i < 6; i++) {
    if (ints[i] < 0) {
      call.badSize(i);
      return false;
    }
  }
  *sizes = {ints[0], ints[1], ints[2], ints[3], ints[4], ints[5], ints[6] != 0, call.scalars[0]};
  return sizes->matrices() > 0 && sizes->rows > 0 && sizes->columns > 0;
}

}  // namespace

void kernel_attention(Call& call) {
  Sizes sizes;
  if (!sizesOf(call, &sizes)) return;
  if (!fits(call, sizes, 0, 7, sizes.rows, sizes.valueWidth) || !call.need(1, sizes.matrices() * sizes.rows) ||
      !fits(call, sizes, 2, 10, sizes.rows, sizes.width) || !fits(call, sizes, 3, 13, sizes.columns, sizes.width) ||
      !fits(call, sizes, 4, 16, sizes.columns, sizes.valueWidth) ||
      !fits(call, sizes, 5, 19, sizes.rows, sizes.columns)) {
    return;
  }
  if (call.x[1].dtype != call.x[0].dtype) return call.badDType(1);
  if (call.x[0].dtype == kFloat32) return forward<float>(call, sizes);
  if (call.x[0].dtype == kFloat64) return forward<double>(call, sizes);
  call.badDType(0);
}

void kernel_attentionBackward(Call& call) {
  Sizes sizes;
  if (!sizesOf(call, &sizes)) return;
  if (!fits(call, sizes, 0, 7, sizes.rows, sizes.width) || !fits(call, sizes, 1, 10, sizes.columns, sizes.width) ||
      !fits(call, sizes, 2, 13, sizes.columns, sizes.valueWidth) ||
      !fits(call, sizes, 3, 16, sizes.rows, sizes.valueWidth) || !fits(call, sizes, 4, 19, sizes.rows, sizes.width) ||
      !fits(call, sizes, 5, 22, sizes.columns, sizes.width) ||
      !fits(call, sizes, 6, 25, sizes.columns, sizes.valueWidth) ||
      !fits(call, sizes, 7, 28, sizes.rows, sizes.columns) || !fits(call, sizes, 8, 31, sizes.rows, sizes.valueWidth) ||
      !call.need(9, sizes.matrices() * sizes.rows)) {
    return;
  }
  if (call.x[9].dtype != call.x[0].dtype) return call.badDType(9);
  if (call.x[0].dtype == kFloat32) return backward<float>(call, sizes);
  if (call.x[0].dtype == kFloat64) return backward<double>(call, sizes);
  call.badDType(0);
}

}  // namespace NG_ISA
}  // namespace ng
