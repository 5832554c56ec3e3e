#include "lossy/dec_lossy.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "lossy/bpg.h"
#include "lossy/color.h"
#include "lossy/dec_hevc.h"

namespace residua::lossy {
namespace {

void check(const BpgInfo& info, const MutablePictureView& picture) {
    if (info.alpha1 || info.alpha2 || info.animation || info.limited_range ||
        info.color_space != BpgColorSpace::kYCbCr || (info.bit_depth != 8 && info.bit_depth != 10) ||
        (info.pixel_format != 0 && info.pixel_format != 3))
        throw Error(ErrorCode::kUnsupported,
                    "the lossy layer is a kind of BPG picture that Residua does not use");
    if (info.width != std::max(picture.width, kSmallestBpgSide) ||
        info.height != std::max(picture.height, kSmallestBpgSide) || info.width > kLargestBpgSide ||
        info.height > kLargestBpgSide || (info.pixel_format == 0 ? 1 : 3) != picture.channels)
        throw Error(ErrorCode::kCorrupt, "the lossy layer's size or kind differs from the picture's");
}

// Rows of the fine picture, top to bottom, converted into one row's scratch.
template <typename Sample>
void convert(const PlanesView& planes, const MutablePictureView& shape,
             const std::function<void(int y, const uint16_t* fine)>& row) {
    const ColorMatrix& matrix = color_matrix(planes.bit_depth);
    std::vector<uint16_t> fine(static_cast<size_t>(shape.width) * static_cast<size_t>(shape.channels));
    for (int y = 0; y < shape.height; ++y) {
        if (shape.channels == 3)
            ycbcr_to_fine_rgb(matrix, planes.row<Sample>(0, y), planes.row<Sample>(1, y),
                              planes.row<Sample>(2, y), shape.width, fine.data());
        else
            y_to_fine_grey(matrix, planes.row<Sample>(0, y), shape.width, fine.data());
        row(y, fine.data());
    }
}

void decode_rows(std::span<const uint8_t> bpg, const MutablePictureView& shape, Allocator& allocator,
                 int threads, const std::function<void(int y, const uint16_t* fine)>& row) {
    const BpgInfo info = parse_bpg(bpg);
    check(info, shape);
    const HevcSps sps = {coded_format(info), info.tools};
    const Reservation library(allocator, hevc_decoder_memory(sps.format, info.hevc_data.size()));
    decode_hevc(sps, info.hevc_data, allocator, threads, [&](const PlanesView& planes) {
        if (planes.bit_depth > 8)
            convert<uint16_t>(planes, shape, row);
        else
            convert<uint8_t>(planes, shape, row);
    });
}

}  // namespace

void decode_bpg(std::span<const uint8_t> bpg, const MutablePictureView& picture, Allocator& allocator,
                int threads) {
    decode_rows(bpg, picture, allocator, threads, [&](int y, const uint16_t* fine) {
        uint8_t* out = picture.row(y);
        for (int i = 0; i < picture.width * picture.channels; ++i) out[i] = round_fine(fine[i]);
    });
}

void decode_bpg_fine(std::span<const uint8_t> bpg, const FineView& picture, Allocator& allocator,
                     int threads) {
    const MutablePictureView shape = {nullptr, picture.width, picture.height, picture.channels, 0};
    decode_rows(bpg, shape, allocator, threads, [&](int y, const uint16_t* fine) {
        std::copy_n(fine, picture.width * picture.channels, picture.row(y));
    });
}

}  // namespace residua::lossy
