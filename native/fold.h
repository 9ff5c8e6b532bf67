// How reductions that carry a few values through their elements walk: x is [outer, n, inner], results [outer, inner].
// float32 is carried in double, so that neither the order nor the count of the elements shows in the result.
#pragma once

#include "arithmetic.h"
#include "kernel.h"

namespace ng {
namespace NG_ISA {
namespace {

constexpr int64_t kColumns = 64;

/**
 * Folds n rows of `width` ≤ kColumns columns (row i starts at x + i · inner) into acc[0 … width), column by column.
 * Op: `typedef Carry; Carry start(); Carry step(Carry, T, int column); Carry join(Carry, Carry)`.
 */
template <class Op, class T>
void foldColumns(typename Op::Carry* acc, const T* x, int64_t n, int64_t inner, int64_t width, const Op& op) {
  for (int64_t j = 0; j < width; j++) acc[j] = op.start();
  for (int64_t i = 0; i < n; i++, x += inner) {
    for (int64_t j = 0; j < width; j++) acc[j] = op.step(acc[j], x[j], static_cast<int>(j));
  }
}

/** Folds one contiguous row, in lanes that are joined at the end. */
template <int kLanesOfRow, class Op, class T>
typename Op::Carry foldLanes(const T* x, int64_t n, const Op& op) {
  typename Op::Carry acc[kLanesOfRow];
  for (int l = 0; l < kLanesOfRow; l++) acc[l] = op.start();
  int64_t i = 0;
  for (; i + kLanesOfRow <= n; i += kLanesOfRow) {
    for (int l = 0; l < kLanesOfRow; l++) acc[l] = op.step(acc[l], x[i + l], 0);
  }
  for (; i < n; i++) acc[0] = op.step(acc[0], x[i], 0);
  for (int width = kLanesOfRow / 2; width > 0; width /= 2) {
    for (int l = 0; l < width; l++) acc[l] = op.join(acc[l], acc[l + width]);
  }
  return acc[0];
}

/** The same, in more lanes where that pays: a step of a lane waits for the one before. */
template <class Op, class T>
typename Op::Carry foldRow(const T* x, int64_t n, const Op& op) {
  return n < 256 || sizeof(typename Op::Carry) > 8 ? foldLanes<8>(x, n, op) : foldLanes<32>(x, n, op);
}

/** A row longer than a few pieces of this length is folded piece by piece, by all threads. */
constexpr int64_t kPiece = 16384;

/** Folds one row; the same however many threads there are. Null scratch memory leaves the row to one. */
template <class Op, class T>
typename Op::Carry foldLongRow(Call& call, const T* x, int64_t n, const Op& op) {
  typedef typename Op::Carry Carry;
  const int64_t count = (n + kPiece - 1) / kPiece;
  Carry* parts =
      static_cast<Carry*>(poolScratch(call.pool, kSharedScratch, static_cast<size_t>(count) * sizeof(Carry)));
  if (!parts) return foldRow(x, n, op);
  parallelFor(call.pool, count, 2, [&](int64_t begin, int64_t end, int) {
    for (int64_t p = begin; p < end; p++) {
      const int64_t left = n - p * kPiece;
      parts[p] = foldRow(x + p * kPiece, left < kPiece ? left : kPiece, op);
    }
  });
  for (int64_t p = 1; p < count; p++) parts[0] = op.join(parts[0], parts[p]);
  return parts[0];
}

inline int64_t grainOf(int64_t work) { return work > 65536 ? 1 : 65536 / (work + 1) + 1; }

/** Calls f(outer index, first column, columns) for pieces of at most kColumns columns; one column when inner is 1. */
template <class F>
void overColumns(Call& call, int64_t outer, int64_t n, int64_t inner, F&& f) {
  const int64_t tiles = (inner + kColumns - 1) / kColumns;
  const int64_t columns = inner < kColumns ? inner : kColumns;
  parallelFor(call.pool, outer * tiles, grainOf(n * columns), [&](int64_t begin, int64_t end, int) {
    for (int64_t t = begin; t < end; t++) {
      const int64_t first = t % tiles * kColumns;
      f(t / tiles, first, inner - first < kColumns ? inner - first : kColumns);
    }
  });
}

/** Checks the sizes of a call whose last operand is x and whose others are results. */
inline bool checkFold(Call& call, int results) {
  const int64_t outer = call.ints[0], n = call.ints[1], inner = call.ints[2];
  if (outer < 0 || n < 0 || inner < 0) {
    call.badSize(0);
    return false;
  }
  for (int i = 0; i < results; i++) {
    if (!call.need(i, outer * inner)) return false;
  }
  return outer * inner == 0 || call.need(results, outer * n * inner);
}

/** Folds every column with Op and stores op.result(carry). */
template <class Op, class T, class Out>
void foldAll(Call& call, const Op& op) {
  const int64_t outer = call.ints[0], n = call.ints[1], inner = call.ints[2];
  Out* out = static_cast<Out*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  if (inner == 1 && outer < 4 && n > 4 * kPiece) {
    for (int64_t o = 0; o < outer; o++) out[o] = static_cast<Out>(op.result(foldLongRow(call, x + o * n, n, op)));
    return;
  }
  overColumns(call, outer, n, inner, [&](int64_t o, int64_t first, int64_t width) {
    if (inner == 1) {
      out[o] = static_cast<Out>(op.result(foldRow(x + o * n, n, op)));
      return;
    }
    typename Op::Carry acc[kColumns];
    foldColumns(acc, x + o * n * inner + first, n, inner, width, op);
    for (int64_t j = 0; j < width; j++) out[o * inner + first + j] = static_cast<Out>(op.result(acc[j]));
  });
}

/** Whether all operands are of the first one's dtype; else the call throws. */
inline bool allAlike(Call& call, int operands) {
  for (int i = 1; i < operands; i++) {
    if (call.x[i].dtype != call.x[0].dtype) {
      call.badDType(i);
      return false;
    }
  }
  return true;
}

}  // namespace
}  // namespace NG_ISA
}  // namespace ng
