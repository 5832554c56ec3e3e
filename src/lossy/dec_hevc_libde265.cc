#include <libde265/de265.h>

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "lossy/dec_hevc.h"
#include "lossy/dec_hevc_slices.h"
#include "lossy/hevc_nal.h"

namespace residua::lossy {
namespace {

using Decoder = std::unique_ptr<de265_decoder_context, decltype(&de265_free_decoder)>;

Error damaged() { return Error(ErrorCode::kCorrupt, "the lossy layer's HEVC data is damaged"); }

Decoder open_decoder(int threads) {
    Decoder decoder(de265_new_decoder(), &de265_free_decoder);
    if (!decoder) throw Error(ErrorCode::kOutOfMemory, "out of memory in the HEVC decoder");
    de265_set_verbosity(0);
    constexpr int kMostThreads = 32;  // libde265's own limit
    if (threads > 1 && de265_start_worker_threads(decoder.get(), std::min(threads, kMostThreads)) != DE265_OK)
        throw Error(ErrorCode::kOutOfMemory, "the HEVC decoder cannot start its threads");
    return decoder;
}

void push(const Decoder& decoder, std::span<const uint8_t> nal) {
    if (nal.size() > INT32_MAX ||
        de265_push_NAL(decoder.get(), nal.data(), static_cast<int>(nal.size()), 0, nullptr) != DE265_OK)
        throw damaged();
}

// The picture comes out when all of its slices are decoded; `more` stays set until it is taken.
const de265_image* decode_picture(const Decoder& decoder) {
    de265_flush_data(decoder.get());
    const de265_image* image = nullptr;
    for (int more = 1; more && !image; image = de265_get_next_picture(decoder.get()))
        if (de265_decode(decoder.get(), &more) != DE265_OK) throw damaged();
    if (!image) throw damaged();
    for (;;) {
        const de265_error warning = de265_get_warning(decoder.get());
        if (warning == DE265_OK) return image;
        if (warning != DE265_WARNING_NO_WPP_CANNOT_USE_MULTITHREADING) throw damaged();
    }
}

PlanesView view(const de265_image* image, const HevcFormat& format) {
    PlanesView planes;
    planes.count = format.chroma_format == 0 ? 1 : 3;
    planes.width = format.width;
    planes.height = format.height;
    planes.bit_depth = format.bit_depth;
    if (static_cast<int>(de265_get_chroma_format(image)) != format.chroma_format) throw damaged();
    for (int i = 0; i < planes.count; ++i) {
        int stride = 0;
        planes.plane[i] = de265_get_image_plane(image, i, &stride);
        planes.stride[i] = stride;
        if (!planes.plane[i] || de265_get_image_width(image, i) != format.width ||
            de265_get_image_height(image, i) != format.height ||
            de265_get_bits_per_pixel(image, i) != format.bit_depth)
            throw damaged();
    }
    return planes;
}

}  // namespace

void decode_hevc(const HevcSps& sps, std::span<const uint8_t> data, int threads,
                 const std::function<void(const PlanesView&)>& picture) {
    const auto nals = intra_picture_nals(sps, data);
    const Decoder decoder = open_decoder(threads);
    push(decoder, rebuild_vps());
    push(decoder, rebuild_sps(sps));
    for (const auto nal : nals) push(decoder, nal);
    picture(view(decode_picture(decoder), sps.format));
}

// Twice the planes (sample adaptive offset works on a copy), 2 to 3 bytes of block data per pixel, and the
// NAL units with and without emulation prevention.
uint64_t hevc_decoder_memory(const HevcFormat& format, size_t data_bytes) {
    const uint64_t pixels = static_cast<uint64_t>(format.width) * static_cast<uint64_t>(format.height);
    const uint64_t samples = pixels * (format.chroma_format == 0 ? 1 : 3);
    return (uint64_t{4} << 20) + pixels * 3 + samples * (format.bit_depth > 8 ? 4 : 2) + 2 * data_bytes;
}

}  // namespace residua::lossy
