#include "jpeg/coefficients/layout.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace residua::jpeg {

namespace {

// Blocks of all components in a band, about: 1 MP of 4:2:0. What a band that begins anew costs: docs/lab/jpeg.md.
constexpr int64_t kAcBlocks = 30000, kDcBlocks = 120000;

bool good(const ComponentShape& c) {
    const auto inside = [](int x, int low, int high) { return low <= x && x <= high; };
    return inside(c.columns, 0, Layout::kMaxBlocks) && inside(c.rows, 0, Layout::kMaxBlocks) &&
           inside(c.across, 1, Layout::kMaxSampling) && inside(c.down, 1, Layout::kMaxSampling);
}

}  // namespace

bool Layout::can_code(const std::vector<ComponentShape>& components) {
    return !components.empty() && components.size() <= size_t{kMaxComponents} &&
           std::all_of(components.begin(), components.end(), good);
}

Layout::Layout(std::vector<ComponentShape> components, Effort effort)
    : components_(std::move(components)), effort_(effort) {
    if (!can_code(components_) || static_cast<int>(effort) > static_cast<int>(kLastEffort))
        throw Error(ErrorCode::kInvalidArgument, "components of JPEG coefficients do not fit together");
    int64_t blocks = 0;
    int height = 1;  // in rows of a component whose `down` is 1
    for (const ComponentShape& c : components_) {
        blocks += int64_t{c.columns} * c.rows;
        height = std::max(height, (c.rows + c.down - 1) / c.down);
    }
    const auto cut = [&](int64_t most, int& bands, int& band_height) {
        const int64_t wanted = std::clamp<int64_t>((blocks + most / 2) / most, 1, height);
        band_height = static_cast<int>((height + wanted - 1) / wanted);
        bands = (height + band_height - 1) / band_height;
    };
    cut(kAcBlocks, ac_bands_, ac_height_);
    cut(kDcBlocks, dc_bands_, dc_height_);
}

RowRange Layout::rows(int band, int bands, int height, int component) const {
    if (band < 0 || band >= bands || component < 0 || static_cast<size_t>(component) >= components_.size())
        throw Error(ErrorCode::kInvalidArgument, "there is no such band of JPEG coefficients");
    const ComponentShape& c = components_[static_cast<size_t>(component)];
    const int first = std::min(band * height * c.down, c.rows);
    return {first, std::min(first + height * c.down, c.rows)};
}

RowRange Layout::dc_rows(int band, int component) const {
    return rows(band, dc_bands_, dc_height_, component);
}

RowRange Layout::ac_rows(int band, int component) const {
    return rows(band, ac_bands_, ac_height_, component);
}

}  // namespace residua::jpeg
