#include "lossy/enc_lossy.h"

#include <algorithm>
#include <optional>
#include <string>

#include "lossy/bpg.h"
#include "lossy/color.h"
#include "lossy/enc_hevc.h"

namespace residua::lossy {
namespace {

int padded(int side) {
    return (std::max(side, kSmallestHevcSide) + kHevcBlock - 1) / kHevcBlock * kHevcBlock;
}

void check(const PictureView& picture, const LossyOptions& options) {
    if (picture.width < 1 || picture.height < 1 || (picture.channels != 1 && picture.channels != 3))
        throw Error(ErrorCode::kInvalidArgument, "the lossy layer takes grey or RGB pictures");
    if (std::max(picture.width, picture.height) > kLargestBpgSide)
        throw Error(ErrorCode::kUnsupported,
                    "the picture is too large for the lossy layer: a side may have " +
                        std::to_string(kLargestBpgSide) + " pixels");
    if (options.q < 0 || options.q > kMaxQ) throw Error(ErrorCode::kInvalidArgument, "Q must be 0 to 51");
    if (options.bit_depth != 8 && options.bit_depth != 10)
        throw Error(ErrorCode::kInvalidArgument, "the lossy layer has 8 or 10 bits");
    if (options.effort < 1 || options.effort > 9)
        throw Error(ErrorCode::kInvalidArgument, "effort must be 1 to 9");
    if (options.threads < 1) throw Error(ErrorCode::kInvalidArgument, "the lossy layer needs a thread");
}

// Converts to planes of the padded size, one after the other, the last column and row repeated.
template <typename Sample>
void fill_planes(const PictureView& picture, const PlanesView& planes, Sample* samples) {
    const ColorMatrix& matrix = color_matrix(planes.bit_depth);
    const size_t width = static_cast<size_t>(planes.width);
    const size_t plane = width * static_cast<size_t>(planes.height);
    for (int y = 0; y < planes.height; ++y) {
        Sample* row = samples + static_cast<size_t>(y) * width;
        if (y >= picture.height) {
            for (int c = 0; c < planes.count; ++c)
                std::copy_n(row + c * plane - width, width, row + c * plane);
            continue;
        }
        if (planes.count == 3)
            rgb_to_ycbcr(matrix, picture.row(y), picture.width, row, row + plane, row + 2 * plane);
        else
            grey_to_y(matrix, picture.row(y), picture.width, row);
        for (int c = 0; c < planes.count; ++c) {
            Sample* last = row + c * plane + picture.width;
            std::fill(last, row + c * plane + width, last[-1]);
        }
    }
}

}  // namespace

std::vector<uint8_t> encode_bpg(const PictureView& picture, const LossyOptions& options, Allocator& allocator,
                                const std::function<void(const PlanesView&)>& recon) {
    check(picture, options);
    PlanesView planes;
    planes.count = picture.channels;
    planes.width = padded(picture.width);
    planes.height = padded(picture.height);
    planes.bit_depth = options.bit_depth;
    const size_t sample_bytes = options.bit_depth > 8 ? 2 : 1;
    Buffer<uint8_t> samples(allocator, product(planes.count, planes.width, planes.height, sample_bytes));
    const size_t plane_bytes = samples.size() / static_cast<size_t>(planes.count);
    if (options.bit_depth > 8)
        fill_planes(picture, planes, reinterpret_cast<uint16_t*>(samples.data()));
    else
        fill_planes(picture, planes, samples.data());
    for (int c = 0; c < planes.count; ++c) {
        planes.plane[c] = samples.data() + static_cast<size_t>(c) * plane_bytes;
        planes.stride[c] = static_cast<ptrdiff_t>(static_cast<size_t>(planes.width) * sample_bytes);
    }

    // The library allocates what it needs for coding after it has copied the planes, which may go then: at no
    // time are both there.
    const uint64_t needed =
        hevc_encoder_memory(planes.width, planes.height, planes.count, options.bit_depth, options.threads);
    const Reservation library(allocator, needed - samples.size());
    std::optional<Reservation> coding;
    const auto free_samples = [&] {
        const size_t bytes = samples.size();
        samples = Buffer<uint8_t>();
        coding.emplace(allocator, bytes);
    };
    const HevcStream stream =
        encode_hevc(planes, {options.q, options.effort, options.threads}, {free_samples, recon});
    BpgInfo info;
    info.pixel_format = picture.channels == 3 ? 3 : 0;
    info.bit_depth = options.bit_depth;
    info.width = std::max(picture.width, kSmallestBpgSide);
    info.height = std::max(picture.height, kSmallestBpgSide);
    info.tools = stream.sps.tools;
    info.hevc_data = stream.data;
    if (coded_format(info) != stream.sps.format)
        throw Error(ErrorCode::kInternal, "a BPG reader would derive another size than the HEVC encoder's");
    return write_bpg(info);
}

}  // namespace residua::lossy
