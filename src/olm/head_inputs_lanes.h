// What the head is told: differences in units of the local scale (1/16 each), and logarithms (1/20 octave).
// docs/format-olm.md lists them. Included by predictor_lanes.h only.
#pragma once

namespace residua::olm::RESIDUA_SIMD {

namespace {

// Collects the inputs of all lanes, four of each at a time.
class HeadInputs {
  public:
    HeadInputs(uint8_t* to, int count, F scale, F centre, Ints halvings)
        : to_(to),
          count_(count),
          per_scale_(F::all(16) / scale),
          centre_(centre),
          unit_(from_bits((halvings + 127) << 23)),
          origin_(to_float(halvings) + 2.0F) {}

    void byte(F value) {  // of one step of the input each
        group_ = group_ | ((round(clamp(value, -127, 127)) + 128) << shift(used_ % 4));
        if (++used_ % 4 == 0) flush();
    }
    void ratio(F difference) { byte(difference * per_scale_); }
    void from_centre(F value) { ratio(value - centre_); }
    // value ≥ 0; floor keeps the logarithm of small ones sensible.
    void logarithm(F value, float floor) { byte((log2_line(value + unit_ * floor) - origin_) * 20.0F); }
    void logarithm(F value) { byte((log2_line(value) - origin_) * 20.0F); }

    void finish() {
        while (used_ < count_) byte(F::all(0));
    }

  private:
    // Where byte i in memory is in a number.
    static constexpr int shift(int i) { return 8 * (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? i : 3 - i); }

    void flush() {
        alignas(64) int32_t bytes[kNative];
        group_.store(bytes);
        uint8_t* to = to_ + used_ - 4;
        for (int l = 0; l < kNative; ++l, to += count_) __builtin_memcpy(to, bytes + l, 4);
        group_ = Ints::all(0);
    }

    uint8_t* to_;
    const int count_;
    int used_ = 0;
    const F per_scale_, centre_;
    const F unit_, origin_;      // of logarithms: what is 1 after the halvings; where they are 0
    Ints group_ = Ints::all(0);  // four bytes of each lane
};

void Predictor::describe(F scale, Ints halvings) {
    const F centre = F::load(s_.centre + first_);
    HeadInputs head(s_.head_input + static_cast<ptrdiff_t>(first_) * s_.head_inputs, s_.head_inputs, scale,
                    centre, halvings);
    const auto expert = [&](int e) { return F::load(s_.expert[e] + first_); };
    for (int e = 0; e <= median(); ++e) head.from_centre(expert(e));
    for (int e = 1; e < s_.solvers; ++e) head.logarithm(abs(expert(e) - expert(0)), 0.1F);

    const float* errors = s_.errors;
    static constexpr int kPlaces[8][2] = {{0, -1}, {-1, 0}, {-1, -1}, {-1, 1},
                                          {0, -2}, {-2, 0}, {-1, 2},  {-1, -2}};
    for (const auto& place : kPlaces) head.ratio(near(errors, place[0], place[1]));
    for (const auto& place : kPlaces) head.logarithm(abs(near(errors, place[0], place[1])), 0.3F);
    for (const auto& place : kPlaces) head.from_centre(sample(place[0], place[1]));
    for (int e = 0; e < experts(); ++e)
        head.logarithm((miss(e, 0, -1) + miss(e, -1, 0) + miss(e, -1, -1) + miss(e, -1, 1)) * 0.25F, 0.2F);
    F wide = abs(near(errors, 0, -1)) + abs(near(errors, 0, -2)) + abs(near(errors, 0, -3));
    for (int dy = -3; dy < 0; ++dy)
        for (int dx = -3; dx <= 3; ++dx) wide = wide + abs(near(errors, dy, dx));
    head.logarithm(wide * (1.0F / 24), 0.2F);

    head.logarithm(scale);
    head.byte(centre * s_.to_byte - 127.5F);
    const F value = centre * s_.levels;
    head.byte((value - to_float(round(value))) * 200.0F);
    head.byte(F::all(s_.traces.lattice));
    head.byte(F::all((s_.habit[0] - 1) * 64));
    head.byte(F::all((s_.habit[1] - 2) * 20));
    head.byte(F::all((s_.habit[2] - 0.5F) * 200));
    // Edges of JPEG's blocks; the lanes' rows are at multiples of 16.
    const int column = (t_ - kPadding) & 7;
    head.byte(F::all(s_.traces.blocks && column == 0 ? 64 : 0));
    head.byte(F::all(s_.traces.blocks && column == 7 ? 64 : 0));
    alignas(64) float top[kNative], bottom[kNative];
    for (int l = 0; l < kNative; ++l) {
        top[l] = s_.traces.blocks && (first_ + l) % 8 == 0 ? 64 : 0;
        bottom[l] = s_.traces.blocks && (first_ + l) % 8 == 7 ? 64 : 0;
    }
    head.byte(F::load(top));
    head.byte(F::load(bottom));

    for (int p = 0; p < s_.plane; ++p) {
        const float* before = s_.earlier_errors[p];
        head.ratio(near(before, 0, 0));
        head.logarithm(abs(near(before, 0, 0)), 0.3F);
        head.logarithm((abs(near(before, 0, 1)) + abs(near(before, 1, 0)) + abs(near(before, 0, -1)) +
                        abs(near(before, -1, 0))) *
                           0.25F,
                       0.3F);
        head.logarithm((abs(near(before, 1, 1)) + abs(near(before, 1, -1)) + abs(near(before, -1, 1)) +
                        abs(near(before, -1, -1))) *
                           0.25F,
                       0.3F);
        head.ratio(near(before, 0, 1));
        head.ratio(near(before, 1, 0));
        const float* plane = s_.earlier[p];
        const F mean = mean_around(plane);
        static constexpr int kPatch[7][2] = {{0, 0}, {0, 1}, {1, 0}, {1, -1}, {1, 1}, {0, -1}, {-1, 0}};
        for (const auto& place : kPatch) head.ratio(near(plane, place[0], place[1]) - mean);
    }
    head.finish();
}

}  // namespace

}  // namespace residua::olm::RESIDUA_SIMD
