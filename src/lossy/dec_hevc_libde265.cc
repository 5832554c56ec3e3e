#include <libde265/de265.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>

#include "base/error.h"
#include "lossy/dec_hevc.h"
#include "lossy/dec_hevc_planes.h"
#include "lossy/dec_hevc_slices.h"
#include "lossy/hevc_nal.h"
#include "lossy/startable_threads.h"

namespace residua::lossy {
namespace {

using Decoder = std::unique_ptr<de265_decoder_context, decltype(&de265_free_decoder)>;

Error damaged() { return Error(ErrorCode::kCorrupt, "the lossy layer's HEVC data is damaged"); }
Error out_of_memory() { return Error(ErrorCode::kOutOfMemory, "out of memory in the HEVC decoder"); }

// Of an error or a warning.
Error failure(de265_error error) {
    const bool memory =
        error == DE265_ERROR_OUT_OF_MEMORY || error == DE265_WARNING_CANNOT_APPLY_SAO_OUT_OF_MEMORY;
    return memory ? out_of_memory() : damaged();
}

// Where the library gets its planes from. They live as long as this, which outlives the decoder.
class PlaneMemory {
  public:
    PlaneMemory(const HevcSps& sps, Allocator& allocator)
        : format_(sps.format), has_offset_(sps.tools.sample_adaptive_offset_enabled), allocator_(allocator) {}
    PlaneMemory(const PlaneMemory&) = delete;

    // libde265 asks only for the planes that it puts out. With sample adaptive offset these are a copy, made
    // when all is decoded, or none at all; so it is told that it need not do that, until it has asked for
    // those that it decodes into. Without threads it makes its copy itself, of one plane after the other.
    void serve(de265_decoder_context* decoder) {
        decoder_ = decoder;
        de265_image_allocation functions = {get, [](de265_decoder_context*, de265_image*, void*) {}};
        de265_set_image_allocation_functions(decoder, &functions, this);
        de265_set_parameter_bool(decoder, DE265_DECODER_PARAM_DISABLE_SAO, 1);
    }
    // No exception may pass the library's functions: throws what was thrown behind them.
    void rethrow() {
        if (error_) std::rethrow_exception(error_);
    }

  private:
    static int get(de265_decoder_context*, de265_image_spec* spec, de265_image* image, void* user) {
        return static_cast<PlaneMemory*>(user)->give(*spec, image);
    }
    int give(const de265_image_spec& spec, de265_image* image) {
        try {
            if (spec.width != format_.width || spec.height != format_.height) throw damaged();
            if (planes_ && copy_) throw damaged();  // one picture, and its copy
            plane_copy_.reset();
            HevcPlanes& planes = (planes_ ? copy_ : planes_).emplace(format_, allocator_);
            if (has_offset_ && !copy_) plane_copy_.emplace(allocator_, planes.plane_bytes());
            de265_set_parameter_bool(decoder_, DE265_DECODER_PARAM_DISABLE_SAO, 0);
            for (int i = 0; i < 3; ++i) set(image, i, i < planes.count() ? &planes : nullptr);
            return 1;
        } catch (...) {
            error_ = std::current_exception();
            return 0;
        }
    }

    // planes: none for those that grey pictures lack. Some versions of the library take a stride in bytes,
    // others one in samples; all tell it in bytes.
    static void set(de265_image* image, int index, HevcPlanes* planes) {
        if (!planes) return de265_set_image_plane(image, index, nullptr, 0, nullptr);
        for (const int stride : {planes->stride_bytes(), planes->stride()}) {
            int seen = 0;
            de265_set_image_plane(image, index, planes->plane(index), stride, nullptr);
            de265_get_image_plane(image, index, &seen);
            if (seen == planes->stride_bytes()) return;
        }
        throw Error(ErrorCode::kInternal, "the HEVC decoder takes no planes from its caller");
    }

    const HevcFormat format_;
    const bool has_offset_;
    Allocator& allocator_;
    de265_decoder_context* decoder_ = nullptr;
    std::optional<HevcPlanes> planes_, copy_;
    std::optional<Reservation> plane_copy_;  // that the library makes, until it asks for a whole one
    std::exception_ptr error_;
};

Decoder open_decoder(int threads) {
    Decoder decoder(de265_new_decoder(), &de265_free_decoder);
    if (!decoder) throw out_of_memory();
    de265_set_verbosity(0);
    constexpr int kMostThreads = 32;  // libde265's own limit
    // It would wait for ever for threads that cannot be started.
    const std::lock_guard lock(thread_start_mutex());
    threads = threads > 1 ? startable_threads(std::min(threads, kMostThreads)) : 0;
    if (threads > 1 && de265_start_worker_threads(decoder.get(), threads) != DE265_OK)
        throw Error(ErrorCode::kOutOfMemory, "the HEVC decoder cannot start its threads");
    return decoder;
}

void push(const Decoder& decoder, std::span<const uint8_t> nal) {
    if (nal.size() > INT32_MAX) throw damaged();
    const de265_error error =
        de265_push_NAL(decoder.get(), nal.data(), static_cast<int>(nal.size()), 0, nullptr);
    if (error != DE265_OK) throw failure(error);
}

// The picture comes out when all of its slices are decoded; `more` stays set until it is taken.
const de265_image* decode_picture(const Decoder& decoder, PlaneMemory& memory) {
    if (const de265_error error = de265_flush_data(decoder.get()); error != DE265_OK) throw failure(error);
    const de265_image* image = nullptr;
    for (int more = 1; more && !image; image = de265_get_next_picture(decoder.get())) {
        const de265_error error = de265_decode(decoder.get(), &more);
        memory.rethrow();
        if (error != DE265_OK) throw failure(error);
    }
    for (;;) {
        const de265_error warning = de265_get_warning(decoder.get());
        if (warning == DE265_OK) break;
        if (warning != DE265_WARNING_NO_WPP_CANNOT_USE_MULTITHREADING) throw failure(warning);
    }
    if (!image) throw damaged();
    return image;
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

bool has_hevc_decoder() { return true; }
void require_hevc_decoder() {}

void decode_hevc(const HevcSps& sps, std::span<const uint8_t> data, Allocator& allocator, int threads,
                 const std::function<void(const PlanesView&)>& picture) {
    const auto nals = intra_picture_nals(sps, data);
    PlaneMemory memory(sps, allocator);
    const Decoder decoder = open_decoder(threads);
    memory.serve(decoder.get());
    push(decoder, rebuild_vps());
    push(decoder, rebuild_sps(sps));
    for (const auto nal : nals) push(decoder, nal);
    const PlanesView planes = view(decode_picture(decoder, memory), sps.format);
    if (!all_blocks_decoded(planes, sps.tools.min_coding_block())) throw damaged();
    picture(planes);
}

// 2 to 3 bytes of block data per pixel, and the NAL units with and without emulation prevention.
uint64_t hevc_decoder_memory(const HevcFormat& format, size_t data_bytes) {
    const uint64_t pixels = static_cast<uint64_t>(format.width) * static_cast<uint64_t>(format.height);
    return (uint64_t{4} << 20) + pixels * 3 + 2 * uint64_t{data_bytes};
}

}  // namespace residua::lossy
