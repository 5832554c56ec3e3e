// What a file says about itself.
#include <algorithm>

#include "api/api.h"
#include "base/bytes.h"
#include "base/checksum.h"
#include "container/strips.h"
#include "stages/methods.h"

namespace residua {

namespace {

void set_bpsp(residua_info& info) {
    info.bpsp = 8.0 * static_cast<double>(info.file_size) /
                (static_cast<double>(info.width) * info.height * info.channels);
}

residua_info describe(const container::File& file, size_t size, const models::Registry& models) {
    const container::Header& header = file.header;
    residua_info info{};
    info.format_version = container::kVersion;
    info.width = static_cast<uint32_t>(header.width);
    info.height = static_cast<uint32_t>(header.height);
    info.channels = static_cast<uint32_t>(decoded_channels(header.kind));
    info.coded_channels = static_cast<uint32_t>(coded_channels(header.kind));
    info.codec = header.method->name();
    info.model_hash = header.model_hash;
    if (const auto* entry = models.find(header.model_hash)) info.model_name = entry->file.name().c_str();
    info.q = header.q;
    info.bit_depth = header.bit_depth;
    info.has_tau = !header.tau.empty();
    info.adapts = header.adaptive;
    info.tile_width = static_cast<uint32_t>(header.tile_width);
    info.tile_height = static_cast<uint32_t>(header.tile_height);
    info.tile_count = static_cast<uint32_t>(file.streams[0].size());
    info.strip_count = 1;
    info.strip_height = info.height;
    info.file_size = size;
    if (header.method->traits().lossy_layer) info.lossy_size = file.payload.size();
    info.latent_count = static_cast<uint32_t>(header.scales);
    uint64_t entropy_coded = 0;
    for (int stage = 0; stage < header.coded_stages(); ++stage) {
        // Stages are coarse to fine: z^(S), …, z^(1), and last the picture or its residual.
        const int scale = header.scales - stage;
        uint64_t& size_of_stage = scale == 0 ? info.residual_size : info.latent_size[scale - 1];
        for (auto tile : file.streams[static_cast<size_t>(stage)]) size_of_stage += tile.size();
        entropy_coded += size_of_stage;
    }
    info.icc_size = file.metadata.icc.size();
    info.exif_size = file.metadata.exif.size();
    info.xmp_size = file.metadata.xmp.size();
    info.metadata_size = info.icc_size + info.exif_size + info.xmp_size;
    info.tau_size = header.tau.size();
    info.overhead_size = size - info.lossy_size - entropy_coded - info.metadata_size - info.tau_size;
    info.pixel_checksum = header.pixel_checksum;
    set_bpsp(info);
    return info;
}

// What adds up over the strips; `sum` began as the description of the first one.
void add(residua_info& sum, const residua_info& strip) {
    sum.coded_channels = std::max(sum.coded_channels, strip.coded_channels);
    sum.has_tau |= strip.has_tau;
    sum.tile_count += strip.tile_count;
    sum.lossy_size += strip.lossy_size;
    for (size_t s = 0; s < std::size(sum.latent_size); ++s) sum.latent_size[s] += strip.latent_size[s];
    sum.residual_size += strip.residual_size;
    sum.tau_size += strip.tau_size;
}

residua_info describe_strips(std::span<const uint8_t> bytes, const models::Registry& models) {
    MemoryInput input(bytes);
    input.take(container::kVersionBytes);
    container::StripReader reader(input, codec::file_methods());
    const container::StripHead& head = reader.head();
    residua_info info{};
    ByteWriter checksums;
    for (int strip = 0; strip < head.count(); ++strip) {
        const container::StripReader::Part part = reader.next();
        const residua_info of_strip = describe(part.file, part.bytes.span.size(), models);
        if (strip == 0)
            info = of_strip;
        else
            add(info, of_strip);
        checksums.u64(of_strip.pixel_checksum);
    }
    info.format_version = container::kStripVersion;
    info.height = static_cast<uint32_t>(head.height);
    info.strip_count = static_cast<uint32_t>(head.count());
    info.strip_height = static_cast<uint32_t>(head.strip_height);
    info.file_size = bytes.size();
    info.icc_size = head.metadata.icc.size();
    info.exif_size = head.metadata.exif.size();
    info.xmp_size = head.metadata.xmp.size();
    info.metadata_size = info.icc_size + info.exif_size + info.xmp_size;
    info.overhead_size =
        info.file_size - info.lossy_size - info.residual_size - info.metadata_size - info.tau_size;
    for (uint64_t size : info.latent_size) info.overhead_size -= size;
    info.pixel_checksum = checksum64(checksums.bytes);
    set_bpsp(info);
    return info;
}

}  // namespace
}  // namespace residua

extern "C" {

residua_status residua_inspect(residua_context* context, const void* data, size_t size, residua_info* info) {
    using namespace residua;
    if (info) *info = {};
    return api::call(context, [&] {
        api::require(info, "no place for the answer was given");
        const std::span<const uint8_t> bytes = api::bytes_of(data, size);
        *info = container::version_of(bytes) == container::FileVersion::kStrips
                    ? describe_strips(bytes, context->models)
                    : describe(codec::parse_file(bytes), size, context->models);
    });
}

}  // extern "C"
