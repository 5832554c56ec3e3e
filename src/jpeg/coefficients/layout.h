// The quantised coefficients of a JPEG file as its coder takes them: components, and the bands that they are cut
// into. docs/format-jpeg-coefficients.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace residua::jpeg {

// More takes more time and less space; light is a coder of its own, faster than fast. A stream is decoded with the
// effort that it was encoded with; files keep the number.
enum class Effort : uint8_t { kFast = 0, kDefault = 1, kDense = 2, kLight = 3 };
inline constexpr Effort kLastEffort = Effort::kLight;

// One component: `rows` rows of `columns` blocks of 8×8, any number of them, none too. across, down: its sampling
// factors, 1 … 4. steps: its quantisation table by 8·v + u (v down, u across; not in zigzag), any numbers.
// Coefficients are by 8·v + u as well, and any int16_t.
struct ComponentShape {
    int columns = 0;
    int rows = 0;
    int across = 1;
    int down = 1;
    std::array<uint16_t, 64> steps{};
};

// Rows of blocks of one component, first ≤ row < end; perhaps none.
struct RowRange {
    int first = 0;
    int end = 0;

    int count() const { return end - first; }
};

// What encoder and decoder know before the first stream. All of it follows from what the constructor is given, so
// that a file need not say more than that.
class Layout {
  public:
    static constexpr int kMaxComponents = 4;
    static constexpr int kMaxBlocks = 1 << 13;  // along an axis: 65536 samples
    static constexpr int kMaxSampling = 4;

    // Throws kInvalidArgument unless can_code(components).
    Layout(std::vector<ComponentShape> components, Effort effort);

    // 1 … 4 components, each with what ComponentShape says, at most kMaxBlocks along an axis.
    static bool can_code(const std::vector<ComponentShape>& components);

    const std::vector<ComponentShape>& components() const { return components_; }
    Effort effort() const { return effort_; }

    // The DCs, which are coded first, and the ACs are each cut into bands of whole rows of blocks. Each band is a
    // stream of its own. There is always one at least.
    int dc_bands() const { return dc_bands_; }
    int ac_bands() const { return ac_bands_; }
    RowRange dc_rows(int band, int component) const;
    RowRange ac_rows(int band, int component) const;

  private:
    RowRange rows(int band, int bands, int height, int component) const;

    std::vector<ComponentShape> components_;
    Effort effort_;
    int dc_bands_ = 1, ac_bands_ = 1;
    int dc_height_ = 1, ac_height_ = 1;  // of a band, in rows of a component whose `down` is 1
};

}  // namespace residua::jpeg
