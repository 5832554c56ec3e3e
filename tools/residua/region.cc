#include "region.h"

#include <algorithm>
#include <charconv>

#include "image_io/translate.h"

namespace tool {

namespace {

std::string text_of(uint64_t width, uint64_t height) {
    return std::to_string(width) + " x " + std::to_string(height);
}

Region region_in(const Options& options, const image_io::Description& whole) {
    if (!options.region) return {whole.width, whole.height, 0, 0};
    const Region& region = *options.region;
    if (region.x >= whole.width || region.y >= whole.height || region.width > whole.width - region.x ||
        region.height > whole.height - region.y)
        throw Failure(kUsage, "the region of " + text_of(region.width, region.height) + " pixels at " +
                                  std::to_string(region.x) + ", " + std::to_string(region.y) +
                                  " is not in the picture, which has " + text_of(whole.width, whole.height));
    return region;
}

image_io::Description cut(const Region& region, image_io::Description picture) {
    if (region.width == picture.width && region.height == picture.height) return picture;
    picture.set_size(region.width, region.height);
    image_io::forget_exact_pixels(picture);
    return picture;
}

image_io::Description reduce(int shift, image_io::Description picture) {
    if (shift == 0) return picture;
    picture.set_size(Reducer::reduced(picture.width, shift), Reducer::reduced(picture.height, shift));
    image_io::forget_exact_pixels(picture);
    return picture;
}

}  // namespace

std::optional<Region> region_named(const std::string& text) {
    Region region;
    const char *at = text.data(), *const end = at + text.size();
    const auto number = [&](uint32_t& to, char before) {
        if (before != '\0' && (at == end || *at++ != before)) return false;
        const auto [behind, error] = std::from_chars(at, end, to);
        at = behind;
        return error == std::errc();
    };
    const bool corner_first = text.find(',') != std::string::npos;
    const bool good = corner_first ? number(region.x, '\0') && number(region.y, ',') &&
                                         number(region.width, ',') && number(region.height, ',')
                                   : number(region.width, '\0') && number(region.height, 'x') &&
                                         number(region.x, '+') && number(region.y, '+');
    if (!good || at != end || region.width == 0 || region.height == 0) return std::nullopt;
    return region;
}

std::optional<int> scale_named(const std::string& text) {
    constexpr int kMost = 10;
    for (int shift = 0; shift <= kMost; ++shift)
        if (text == (shift == 0 ? "1" : "1/" + std::to_string(1 << shift))) return shift;
    return std::nullopt;
}

RegionOutput::RegionOutput(App& app, FileOutput& file, const image_io::Description& whole,
                           const std::string& output)
    : region_(region_in(app.options(), whole)),
      row_bytes_(whole.row_bytes()),
      pixel_bytes_(size_t{whole.channels()} * whole.sample_bytes()),
      cut_picture_(cut(region_, whole)),
      output_(app, file, reduce(app.options().scale, cut_picture_), output) {
    if (app.options().scale > 0) reducer_.emplace(cut_picture_, app.options().scale);
}

void RegionOutput::write(uint32_t rows, const void* pixels) {
    const uint64_t first = std::max<uint64_t>(next_, region_.y),
                   end = std::min<uint64_t>(next_ + rows, uint64_t{region_.y} + region_.height);
    const uint64_t before = first - next_;
    next_ += rows;
    if (first >= end) return;
    const auto* from = static_cast<const uint8_t*>(pixels) + before * row_bytes_;
    const auto count = static_cast<uint32_t>(end - first);
    const size_t cut_bytes = region_.width * pixel_bytes_;
    if (cut_bytes == row_bytes_) return write_cut(count, from);
    cut_.resize(count * cut_bytes);
    for (uint32_t y = 0; y < count; ++y)
        std::copy_n(from + y * row_bytes_ + region_.x * pixel_bytes_, cut_bytes, cut_.data() + y * cut_bytes);
    write_cut(count, cut_.data());
}

void RegionOutput::write_cut(uint32_t rows, const void* pixels) {
    if (!reducer_) return output_.write(rows, pixels);
    const auto* row = static_cast<const uint8_t*>(pixels);
    for (uint32_t y = 0; y < rows; ++y, row += cut_picture_.row_bytes())
        if (const auto reduced = reducer_->add(row); !reduced.empty()) output_.write(1, reduced.data());
}

}  // namespace tool
