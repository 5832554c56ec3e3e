#include "planes/jpeg_picture.h"

#include <algorithm>

#include "planes/jpeg_samples.h"

namespace residua::codec {

namespace {

bool has_scan(const jpeg::JpegPart& part, size_t component) {
    return std::ranges::any_of(part.scans, [component](const jpeg::JpegPart::ScanPart& of) {
        return std::ranges::find(of.scan.parts, component, &jpeg::Scan::Part::component) !=
               of.scan.parts.end();
    });
}

// What the decoder cannot do with the part; empty: nothing.
std::string obstacle(const jpeg::JpegPart& part) {
    const jpeg::Frame& frame = part.frame;
    if (part.scans.empty()) return "it holds no picture";
    if (frame.precision != 8) return "it has " + std::to_string(frame.precision) + " bits per sample";
    if (frame.components.size() == 2) return "it has 2 components";
    for (size_t k = 0; k < frame.components.size(); ++k) {
        const jpeg::Component& c = frame.components[k];
        if (frame.most_across % c.across != 0 || frame.most_down % c.down != 0)
            return "its components' sizes are no whole multiples of each other";
        const bool no_steps = std::ranges::all_of(c.steps, [](uint16_t step) { return step == 0; });
        if (no_steps && has_scan(part, k)) return "it has no quantisation table for one of its components";
    }
    return "";
}

}  // namespace

std::optional<PictureKind> jpeg_picture_kind(const jpeg::JpegPart& part) {
    if (!obstacle(part).empty()) return {};
    const size_t components = part.frame.components.size();
    return PictureKind{components == 1   ? Colour::kGrey
                       : components == 3 ? Colour::kRgb
                                         : Colour::kCmyk,
                       false, 8};
}

std::string why_no_pixels(const jpeg::JpegPart& part) {
    const std::string why = obstacle(part);
    if (why.empty()) return "";
    return "this JPEG file's pixels cannot be given: " + why +
           "; decode it to a .jpg file, which is the same as before";
}

std::vector<ComponentBlocks> all_blocks(const jpeg::JpegPart& part) {
    std::vector<ComponentBlocks> all;
    for (const int16_t* coefficients : part.coefficients()) all.push_back({coefficients});
    return all;
}

JpegRows::JpegRows(const jpeg::JpegPart& part, Allocator& allocator)
    : width_(part.frame.width),
      height_(part.frame.height),
      kind_(jpeg_picture_kind(part).value()),
      colour_(jpeg_colour(part.frame)),
      components_(jpeg_components(part)),
      allocator_(allocator) {}

IndexRange JpegRows::block_rows(int component, int top, int end) const {
    const JpegComponent& c = components_[static_cast<size_t>(component)];
    const IndexRange rows = c.rows_of(top, end);
    const int around = c.smoothing ? JpegSmoothing::kAround : 0;
    return {std::max(0, rows.first / kBlockSide - around),
            std::min(c.layout.rows, (rows.end - 1) / kBlockSide + 1 + around)};
}

void JpegRows::write(std::span<const ComponentBlocks> blocks, int left, int top,
                     const MutablePictureView& to) const {
    if (to.width == 0 || to.height == 0) return;
    std::vector<JpegSamples> samples;
    samples.reserve(components_.size());
    for (size_t k = 0; k < components_.size(); ++k)
        samples.emplace_back(components_[k], blocks[k], left, left + to.width, allocator_);
    for (int y = 0; y < to.height; ++y) {
        JpegRow row{};
        for (size_t k = 0; k < samples.size(); ++k) row[k] = samples[k].pixels(top + y);
        jpeg_pixels(colour_, components(), row, to.width, to.row(y));
    }
}

IndexRange JpegRows::preview_block_rows(int component, int top, int end) const {
    const int times = components_[static_cast<size_t>(component)].times_down;
    return {top / times, (end - 1) / times + 1};
}

void JpegRows::write_preview(std::span<const ComponentBlocks> blocks, int top,
                             const MutablePictureView& to) const {
    Buffer<uint8_t> means(allocator_, product(components(), to.width));
    for (int y = 0; y < to.height; ++y) {
        JpegRow row{};
        for (size_t k = 0; k < components_.size(); ++k) {
            const JpegComponent& c = components_[k];
            uint8_t* of = means.data() + static_cast<ptrdiff_t>(k) * to.width;
            row[k] = of;
            const int16_t* block = blocks[k].row(c.layout, (top + y) / c.times_down);
            // DC is 8 · mean.
            for (int x = 0; x < to.width; ++x) {
                const int32_t dc =
                    block[ptrdiff_t{x / c.times_across} * blocks[k].size] * int32_t{c.layout.steps[0]};
                of[x] = static_cast<uint8_t>(std::clamp(((dc + 4) >> 3) + 128, 0, 255));
            }
        }
        jpeg_pixels(colour_, components(), row, to.width, to.row(y));
    }
}

}  // namespace residua::codec
