#include "iterator.h"

#include "iterator_space.h"

namespace ng {
namespace NG_ISA {
namespace {

typedef char TileBuffer[kTile * 8];

/** As many whole rows as stand from `at` on along the dimension before the innermost, all direct; says how many. */
inline int64_t runDirectRows(const Space& s, const Position& at, const int64_t* offsets, int64_t elements,
                             uint32_t broadcast) {
  const int inner = s.ndim - 1;
  if (inner < 1 || at.index[inner] != 0) return 0;
  const int64_t n = s.shape[inner], left = s.shape[inner - 1] - at.index[inner - 1];
  const int64_t rows = elements / n < left ? elements / n : left;
  char* p[kMaxLoopOperands];
  for (int i = 0; i < s.operands; i++) p[i] = s.data[i] + offsets[i];
  if (s.copiesShortRows && broadcast == 0) {
    copyRows(p[0], s.strides[0][inner - 1], p[1], s.strides[1][inner - 1], n * s.size[0] / 4, rows);
    return rows;
  }
  for (int64_t r = 0; r < rows; r++) {
    s.loop(p, n, broadcast, *s.call);
    for (int i = 0; i < s.operands; i++) p[i] += s.strides[i][inner - 1];
  }
  return rows;
}

/** Rows of the innermost dimension: direct where contiguous, else through buffers. */
void runRows(const Space& s, int64_t begin, int64_t end) {
  alignas(64) TileBuffer buffers[kMaxLoopOperands];
  const int inner = s.ndim - 1;
  bool direct[kMaxLoopOperands];
  uint32_t broadcast = 0;
  bool buffered = false;
  for (int i = 0; i < s.operands; i++) {
    direct[i] = s.strides[i][inner] == s.size[i];
    if (s.strides[i][inner] == 0 && (s.broadcastable >> i & 1)) {
      direct[i] = true;
      broadcast |= 1u << i;
    }
    buffered = buffered || !direct[i];
  }
  // What is only copied needs one buffer at most.
  const bool skipsLoop = s.copies && buffered && broadcast == 0;
  Position at;
  locate(s, begin, at);
  int64_t offsets[kMaxLoopOperands];
  for (int i = 0; i < s.operands; i++) offsets[i] = offsetOf(s, i, at) - at.index[inner] * s.strides[i][inner];
  char* p[kMaxLoopOperands];
  while (begin < end) {
    if (!buffered) {
      const int64_t rows = runDirectRows(s, at, offsets, end - begin, broadcast);
      if (rows > 0) {
        begin += rows * s.shape[inner];
        at.index[inner - 1] += rows - 1;
        for (int i = 0; i < s.operands; i++) offsets[i] += (rows - 1) * s.strides[i][inner - 1];
        nextRow(s, at, offsets);
        continue;
      }
    }
    const int64_t first = at.index[inner];
    const int64_t last = s.shape[inner] - first < end - begin ? s.shape[inner] : first + end - begin;
    for (int64_t done = first; done < last;) {
      const int64_t n = buffered && last - done > kTile ? kTile : last - done;
      for (int i = 0; i < s.operands; i++) {
        char* source = s.data[i] + offsets[i] + done * s.strides[i][inner];
        p[i] = direct[i] ? source : i > 0 && skipsLoop && direct[0] ? p[0] : buffers[i];
        if (!direct[i] && i > 0) gather(s.size[i], p[i], source, s.strides[i][inner], n);
      }
      if (!skipsLoop) s.loop(p, n, broadcast, *s.call);
      if (!direct[0]) {
        scatter(s.size[0], s.data[0] + offsets[0] + done * s.strides[0][inner], s.strides[0][inner], p[skipsLoop], n);
      }
      done += n;
    }
    begin += last - first;
    nextRow(s, at, offsets);
  }
}

/**
 * For short rows and a contiguous result: everything that is not contiguous is gathered over many rows at once. An
 * operand that repeats itself is gathered once, when tiles and `begin` are whole numbers of `period` elements.
 */
void runTiles(const Space& s, int64_t begin, int64_t end, int64_t period) {
  alignas(64) TileBuffer buffers[kMaxLoopOperands];
  const int64_t tile = kTile / period * period;
  uint32_t broadcast = 0;
  bool ready[kMaxLoopOperands] = {};
  char* p[kMaxLoopOperands];
  for (int i = 1; i < s.operands; i++) {
    if (s.single[i] && (s.broadcastable >> i & 1)) {
      broadcast |= 1u << i;
      p[i] = s.data[i];
      ready[i] = true;
    }
  }
  Position at;
  while (begin < end) {
    const int64_t n = end - begin < tile ? end - begin : tile;
    locate(s, begin, at);
    for (int i = 0; i < s.operands; i++) {
      if (ready[i]) continue;
      if (s.contiguous[i]) {
        p[i] = s.data[i] + begin * s.size[i];
      } else {
        p[i] = buffers[i];
        gatherSpace(s, i, at, buffers[i], n);
        ready[i] = s.period[i] <= period;
      }
    }
    s.loop(p, n, broadcast, *s.call);
    begin += n;
  }
}

/** The longest period of an operand that a tile can hold several times; tiles are cut at multiples of it. */
int64_t tilePeriod(const Space& s) {
  int64_t period = 1;
  for (int i = 1; i < s.operands; i++) {
    if (s.period[i] <= kTile / 4 && s.period[i] > period) period = s.period[i];
  }
  return period;
}

/**
 * The dimension along which an operand lies contiguous though the result does not, when both are long enough for
 * blocks; −1 if there is none.
 */
int transposedDim(const Space& s) {
  const int inner = s.ndim - 1;
  if (inner < 1 || s.shape[inner] < kLanes || s.strides[0][inner] != s.size[0]) return -1;
  for (int i = 1; i < s.operands; i++) {
    if (s.strides[i][inner] == s.size[i] || s.strides[i][inner] == 0) continue;
    for (int d = 0; d < inner; d++) {
      if (s.strides[i][d] == s.size[i] && s.shape[d] >= kBlockRows / 2) return d;
    }
  }
  return -1;
}

/** How the space is cut into blocks of rows of dimension `across` by columns of the innermost one. */
struct Blocks {
  int across;
  int64_t columnBlocks, pieces;  // along the columns; down the rows, kBlocks blocks to a piece
  int64_t total;                 // pieces in the whole space
};

Blocks cutBlocks(const Space& s, int across) {
  const int64_t rows = s.shape[across], columns = s.shape[s.ndim - 1];
  Blocks b;
  b.across = across;
  b.columnBlocks = (columns + kBlockColumns - 1) / kBlockColumns;
  b.pieces = (rows + kBlockRows * kBlocks - 1) / (kBlockRows * kBlocks);
  b.total = s.total / rows / columns * b.columnBlocks * b.pieces;
  return b;
}

/** Pieces [begin, end): what lies along `across` is read in its own order, and turned in a buffer. */
void runBlocks(const Space& s, const Blocks& b, int64_t begin, int64_t end) {
  alignas(64) char buffers[kMaxLoopOperands][kBlockRows * kBlockColumns * 8];
  const int inner = s.ndim - 1, across = b.across;
  uint32_t broadcast = 0;
  bool turned[kMaxLoopOperands] = {}, direct[kMaxLoopOperands] = {};
  for (int i = 0; i < s.operands; i++) {
    const int64_t stride = s.strides[i][inner];
    if (i > 0 && stride == 0 && (s.broadcastable >> i & 1)) broadcast |= 1u << i;
    direct[i] = stride == s.size[i] || (broadcast >> i & 1);
    turned[i] = !direct[i] && s.strides[i][across] == s.size[i];
  }
  char* p[kMaxLoopOperands];
  for (; begin < end; begin++) {
    // The piece's place in all dimensions but the two of the block.
    int64_t rest = begin / b.pieces / b.columnBlocks, offsets[kMaxLoopOperands] = {};
    for (int d = inner - 1; d >= 0; d--) {
      if (d == across) continue;
      const int64_t index = rest % s.shape[d];
      rest /= s.shape[d];
      for (int i = 0; i < s.operands; i++) offsets[i] += index * s.strides[i][d];
    }
    const int64_t column = begin / b.pieces % b.columnBlocks * kBlockColumns;
    const int64_t columns = s.shape[inner] - column < kBlockColumns ? s.shape[inner] - column : kBlockColumns;
    const int64_t top = begin % b.pieces * kBlocks * kBlockRows;
    const int64_t bottom = top + kBlocks * kBlockRows < s.shape[across] ? top + kBlocks * kBlockRows : s.shape[across];
    for (int64_t first = top; first < bottom; first += kBlockRows) {
      const int64_t rows = bottom - first < kBlockRows ? bottom - first : kBlockRows;
      const char* from[kMaxLoopOperands];
      for (int i = 0; i < s.operands; i++) {
        from[i] = s.data[i] + offsets[i] + first * s.strides[i][across] + column * s.strides[i][inner];
        if (turned[i]) gatherBlock(s.size[i], buffers[i], from[i], s.strides[i][inner], rows, columns);
      }
      for (int64_t r = 0; r < rows; r++) {
        for (int i = 0; i < s.operands; i++) {
          const char* row = from[i] + r * s.strides[i][across];
          if (direct[i]) {
            p[i] = const_cast<char*>(row);
          } else if (turned[i]) {
            p[i] = buffers[i] + r * kBlockColumns * s.size[i];
          } else {
            p[i] = buffers[i];
            gather(s.size[i], buffers[i], row, s.strides[i][inner], columns);
          }
        }
        s.loop(p, columns, broadcast, *s.call);
      }
    }
  }
}

/** Everything contiguous, or one element for the whole space. */
void runFlat(const Space& s, int64_t begin, int64_t end) {
  char* p[kMaxLoopOperands];
  uint32_t broadcast = 0;
  for (int i = 0; i < s.operands; i++) {
    p[i] = s.data[i] + (s.contiguous[i] ? begin * s.size[i] : 0);
    if (!s.contiguous[i]) broadcast |= 1u << i;
  }
  s.loop(p, end - begin, broadcast, *s.call);
}

/** The most common call, small and of one dimension, without the work of `build`. False if it is not one. */
inline bool runSmall(Call& call, int operands, Loop loop, int64_t grain, uint32_t broadcastable) {
  if (call.ndim != 1 || call.shape[0] > grain) return false;
  const int64_t n = call.shape[0];
  char* p[kMaxLoopOperands];
  uint32_t broadcast = 0;
  for (int i = 0; i < operands; i++) {
    const int32_t stride = call.x[i].strides[0];
    p[i] = static_cast<char*>(call.x[i].data);
    if (stride == 1 || n == 1) continue;
    if (stride != 0 || !(broadcastable >> i & 1)) return false;
    broadcast |= 1u << i;
  }
  loop(p, n, broadcast, call);
  return true;
}

/** Whether the loop can take every operand's rows from where they are. */
inline bool liesInRows(const Space& s) {
  for (int i = 0; i < s.operands; i++) {
    const int64_t stride = s.strides[i][s.ndim - 1];
    if (stride != s.size[i] && (stride != 0 || !(s.broadcastable >> i & 1))) return false;
  }
  return true;
}

/** Runs piece(begin, end) over [0, n) in parallel, and makes what was streamed visible. */
template <class Piece>
inline void inParallel(const Space& s, int64_t n, int64_t grain, int64_t align, Piece piece) {
  parallelFor(
      s.call->pool, n, grain,
      [&](int64_t begin, int64_t end, int) {
        piece(begin, end);
        if (s.total >= kStreamed) streamFence();
      },
      align);
}

}  // namespace

void elementwise(Call& call, int operands, Loop loop, int64_t grain, uint32_t broadcastable, bool copies) {
  if (runSmall(call, operands, loop, grain, broadcastable)) return;
  Space s;
  build(s, call, operands);
  s.loop = loop;
  s.broadcastable = broadcastable;
  s.copies = copies;
  s.copiesShortRows = copies && s.size[0] >= 4 && s.ndim > 1 && s.shape[s.ndim - 1] <= kShortRow && isApart(s);
  bool flat = true;
  for (int i = 0; i < operands; i++) flat = flat && (s.contiguous[i] || (s.single[i] && (broadcastable >> i & 1)));
  if (flat) {
    inParallel(s, s.total, grain, 64, [&](int64_t begin, int64_t end) { runFlat(s, begin, end); });
    return;
  }
  const int across = transposedDim(s);
  if (across >= 0) {
    const Blocks blocks = cutBlocks(s, across);
    inParallel(s, blocks.total, grain * blocks.total / s.total + 1, 1,
               [&](int64_t begin, int64_t end) { runBlocks(s, blocks, begin, end); });
    return;
  }
  const int64_t row = s.shape[s.ndim - 1];
  if (!s.contiguous[0] || row >= kShortRow || (row >= kShortDirectRow && liesInRows(s))) {
    inParallel(s, s.total, grain, 64, [&](int64_t begin, int64_t end) { runRows(s, begin, end); });
    return;
  }
  const int64_t period = tilePeriod(s);
  inParallel(s, s.total, grain, 64 * period, [&](int64_t begin, int64_t end) { runTiles(s, begin, end, period); });
}

}  // namespace NG_ISA
}  // namespace ng
