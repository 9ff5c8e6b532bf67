// The register tile of the float32 convolutions: MR rows by NV vectors of sums, kept in registers over all steps.
#pragma once

#include "gemm_tile.h"

namespace ng {
namespace NG_ISA {

/** Most steps that one sum takes; longer ones are sums of such. */
constexpr int64_t kMostSteps = 192;

/**
 * out[i · NV · W + lane] = or += Σ x[rows[i] + steps[t]] · b[t · NV · W + lane] over t < count.
 * RUN: the rows follow one another, rows[i] = rows[0] + i.
 */
template <int MR, int NV, bool RUN>
void convolutionTile(const float* x, const int32_t* rows, const int32_t* steps, int64_t count, const float* b,
                     float* out, bool accumulate) {
  constexpr int W = kLanes;
  const float* from[RUN ? 1 : MR];
  NG_UNROLL
  for (int i = 0; i < (RUN ? 1 : MR); i++) from[i] = x + rows[i];
  F32 sum[MR][NV];
  NG_UNROLL
  for (int i = 0; i < MR; i++) {
    NG_UNROLL
    for (int v = 0; v < NV; v++) sum[i][v] = F32(0.0f);
  }
  for (int64_t t = 0; t < count; t++) {
    const int64_t step = steps[t];
    F32 factor[NV];
    NG_UNROLL
    for (int v = 0; v < NV; v++) factor[v] = load(b + (t * NV + v) * W);
    NG_UNROLL
    for (int i = 0; i < MR; i++) {
      const F32 value(RUN ? from[0][step + i] : from[RUN ? 0 : i][step]);
      NG_UNROLL
      for (int v = 0; v < NV; v++) sum[i][v] = fma(value, factor[v], sum[i][v]);
    }
  }
  NG_UNROLL
  for (int i = 0; i < MR; i++) {
    NG_UNROLL
    for (int v = 0; v < NV; v++) {
      float* to = out + (i * NV + v) * W;
      store(to, accumulate ? sum[i][v] + load(to) : sum[i][v]);
    }
  }
}

typedef void (*ConvolutionTile)(const float*, const int32_t*, const int32_t*, int64_t, const float*, float*, bool);

template <int NV, bool RUN>
struct ConvolutionTiles {
  template <int R>
  static constexpr ConvolutionTile at() {
    return convolutionTile<(R <= kTileRows ? R : 1), NV, RUN>;
  }
  static constexpr ConvolutionTile byRows[15] = {nullptr,  at<1>(),  at<2>(),  at<3>(),  at<4>(),
                                                 at<5>(),  at<6>(),  at<7>(),  at<8>(),  at<9>(),
                                                 at<10>(), at<11>(), at<12>(), at<13>(), at<14>()};
};

/** The tile of so many rows (at most kTileRows) and vectors (at most 2). */
inline void runTile(int count, int vectors, const float* x, const int32_t* rows, const int32_t* steps, int64_t depth,
                    const float* b, float* out, bool accumulate) {
  const bool run = rows[count - 1] - rows[0] == count - 1;
  const ConvolutionTile tile =
      vectors == 1 ? (run ? ConvolutionTiles<1, true>::byRows[count] : ConvolutionTiles<1, false>::byRows[count])
                   : (run ? ConvolutionTiles<2, true>::byRows[count] : ConvolutionTiles<2, false>::byRows[count]);
  tile(x, rows, steps, depth, b, out, accumulate);
}

}  // namespace NG_ISA
}  // namespace ng
