// Bytes in place of floats while hnswlib walks its layers: a search waits for memory, and a quarter of it comes
// sooner. What is found is ranked by the floats. C++ that set-up puts beside hnswlib's (tuned-addon.mjs).

export const codes = String.raw`#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#ifdef __AVX512VNNI__
#include <immintrin.h>

namespace hnswlib {

/** For inner products only, and for one search at a time. */
class Codes {
  /** Bytes a vector: whole registers, the rest of them zero. */
  size_t stride_ = 0;
  std::vector<uint8_t> codes_;
  std::vector<float> scales_;
  std::vector<int8_t> query_;
  float queryScale_ = 0;
  int32_t querySum_ = 0;

  /** The largest number without its sign. As bits, because compilers put floats in no vector here. */
  static float largest(const float* v, size_t dim) {
    int32_t most = 1;
    for (size_t i = 0; i < dim; i++) {
      int32_t bits;
      std::memcpy(&bits, v + i, sizeof bits);
      most = std::max(most, bits & 0x7fffffff);
    }
    float number;
    std::memcpy(&number, &most, sizeof number);
    return std::max(number, 1e-30f);
  }

 public:
  /** Of so many candidates the nearest k by floats are taken. */
  static size_t ranked(size_t k) { return 2 * k + 20; }

  /** A vector has changed: it and those after it are coded anew. */
  void forget(size_t id) { scales_.resize(std::min(scales_.size(), id)); }

  /** Codes what has come since the last search, and the query. at gives the floats of a vector. */
  template <typename At>
  void begin(const float* query, size_t dim, size_t count, At at) {
    stride_ = (dim + 63) / 64 * 64;
    codes_.resize(count * stride_);
    for (size_t id = scales_.size(); id < count; id++) {
      const float* v = at(id);
      const float most = largest(v, dim);
      uint8_t* code = &codes_[id * stride_];
      const float by = 127 / most;
      for (size_t i = 0; i < dim; i++) code[i] = static_cast<uint8_t>(static_cast<int>(v[i] * by + 128.5f));
      scales_.push_back(most / 127);
    }
    queryScale_ = largest(query, dim) / 127;
    query_.assign(stride_, 0);
    querySum_ = 0;
    for (size_t i = 0; i < dim; i++) {
      query_[i] = static_cast<int8_t>(std::lrintf(query[i] / queryScale_));
      querySum_ += query_[i];
    }
  }

  const char* at(size_t id) const { return reinterpret_cast<const char*>(&codes_[id * stride_]); }

  /** As the space's, of the query that begin() was given. */
  float distance(size_t id) const {
    const uint8_t* code = &codes_[id * stride_];
    __m512i sum = _mm512_setzero_si512();
    for (size_t i = 0; i < stride_; i += 64) {
      sum = _mm512_dpbusd_epi32(sum, _mm512_loadu_si512(code + i), _mm512_loadu_si512(&query_[i]));
    }
    const int32_t product = _mm512_reduce_add_epi32(sum) - 128 * querySum_;
    return 1 - scales_[id] * queryScale_ * static_cast<float>(product);
  }
};

}  // namespace hnswlib
#endif
`;
