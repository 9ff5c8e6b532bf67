// Max pooling in up to three dimensions and the way back through its indices.
#include "pooling.h"

#include <math.h>

#include "kernel.h"

namespace ng {
namespace NG_ISA {
namespace {

constexpr int64_t kGrain = 16384;

template <class T>
inline T least() {
  return static_cast<T>(-HUGE_VAL);
}
template <>
inline int64_t least<int64_t>() {
  return INT64_MIN;
}

template <class T>
void maxPlane(T* out, int64_t* indices, const T* x, const Window& w) {
  for (int64_t d = 0; d < w.out[0]; d++) {
    int64_t d0, d1;
    w.inside(0, d, &d0, &d1);
    for (int64_t h = 0; h < w.out[1]; h++) {
      int64_t h0, h1;
      w.inside(1, h, &h0, &h1);
      for (int64_t p = 0; p < w.out[2]; p++) {
        int64_t w0, w1;
        w.inside(2, p, &w0, &w1);
        T most = least<T>();
        int64_t index = -1;
        for (int64_t i = d0; i < d1; i++) {
          for (int64_t j = h0; j < h1; j++) {
            const int64_t row = ((d * w.stride[0] - w.pad[0] + i * w.dilation[0]) * w.size[1] + h * w.stride[1] -
                                 w.pad[1] + j * w.dilation[1]) *
                                    w.size[2] +
                                p * w.stride[2] - w.pad[2];
            for (int64_t k = w0; k < w1; k++) {
              const T value = x[row + k * w.dilation[2]];
              // A NaN wins, and the last of several; of equal values the first.
              if (index < 0 || value > most || value != value) {
                most = value;
                index = row + k * w.dilation[2];
              }
            }
          }
        }
        *out++ = most;
        *indices++ = index;
      }
    }
  }
}

template <class T>
void maxPoolAs(Call& call, const Window& w) {
  T* out = static_cast<T*>(call.x[0].data);
  int64_t* indices = static_cast<int64_t*>(call.x[1].data);
  const T* x = static_cast<const T*>(call.x[2].data);
  const int64_t work = w.outVolume() * w.kernel[0] * w.kernel[1] * w.kernel[2];
  parallelFor(call.pool, w.planes, kGrain / (work + 1) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      maxPlane(out + i * w.outVolume(), indices + i * w.outVolume(), x + i * w.volume(), w);
    }
  });
}

void maxPoolFloats(Call& call, const Window& w) {
  if (w.volume() > INT32_MAX) return maxPoolAs<float>(call, w);
  float* out = static_cast<float*>(call.x[0].data);
  int64_t* indices = static_cast<int64_t*>(call.x[1].data);
  const float* x = static_cast<const float*>(call.x[2].data);
  const float* xEnd = x + w.planes * w.volume();
  const int64_t work = w.outVolume() * w.kernel[0] * w.kernel[1] * w.kernel[2];
  parallelFor(call.pool, w.planes, 4 * kGrain / (work + 1) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      maxPlaneByVectors(out + i * w.outVolume(), indices + i * w.outVolume(), x + i * w.volume(), xEnd, w);
    }
  });
}

/** out[plane, index] += from, out zeroed before; or from picked out of x. */
template <class T>
void scatterAs(Call& call, int64_t planes, int64_t volume, int64_t count) {
  T* out = static_cast<T*>(call.x[0].data);
  const T* grad = static_cast<const T*>(call.x[1].data);
  const int64_t* indices = static_cast<const int64_t*>(call.x[2].data);
  parallelFor(call.pool, planes, kGrain / (volume + count + 1) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin * volume; i < end * volume; i++) out[i] = T(0);
    for (int64_t plane = begin; plane < end; plane++) {
      for (int64_t j = plane * count; j < (plane + 1) * count; j++) {
        const int64_t index = indices[j];
        if (index < 0 || index >= volume) {
          call.fail(1, index, static_cast<int32_t>(volume));
        } else {
          out[plane * volume + index] += grad[j];
        }
      }
    }
  });
}

}  // namespace

void kernel_maxPool(Call& call) {
  Window w;
  if (!windowOf(call, &w)) return;
  const int64_t count = w.planes * w.outVolume();
  if (!call.need(0, count) || !call.need(1, count) || !call.need(2, w.planes * w.volume())) return;
  if (call.x[1].dtype != kInt64) return call.badDType(1);
  if (call.x[2].dtype != call.x[0].dtype) return call.badDType(2);
  switch (call.x[0].dtype) {
    case kFloat32:
      return maxPoolFloats(call, w);
    case kFloat64:
      return maxPoolAs<double>(call, w);
    case kInt64:
      return maxPoolAs<int64_t>(call, w);
    default:
      return call.badDType(0);
  }
}

void kernel_maxPoolBackward(Call& call) {
  const int64_t planes = call.ints[0], volume = call.ints[1], count = call.ints[2];
  if (planes < 0 || volume < 0 || count < 0) return call.badSize(0);
  if (!call.need(0, planes * volume) || !call.need(1, planes * count) || !call.need(2, planes * count)) return;
  if (call.x[2].dtype != kInt64) return call.badDType(2);
  if (call.x[1].dtype != call.x[0].dtype) return call.badDType(1);
  switch (call.x[0].dtype) {
    case kFloat32:
      return scatterAs<float>(call, planes, volume, count);
    case kFloat64:
      return scatterAs<double>(call, planes, volume, count);
    default:
      return call.badDType(0);
  }
}

}  // namespace NG_ISA
}  // namespace ng
