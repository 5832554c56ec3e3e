// What a file says about itself.
#include <algorithm>

#include "api/pictures.h"
#include "base/bytes.h"
#include "base/checksum.h"
#include "container/strips.h"
#include "stages/methods.h"

namespace residua {

namespace {

// Both descriptions of a file.
struct Inspection {
    residua_info info{};
    residua_research_info parts{};
};

uint64_t size_of(const container::Metadata& metadata) {
    uint64_t sum = 0;
    for (const container::MetadataEntry& entry : metadata) sum += entry.bytes.size();
    return sum;
}

void set_size(Inspection& file, uint64_t size) {
    residua_research_info& parts = file.parts;
    file.info.file_size = size;
    parts.overhead_size =
        size - parts.lossy_size - parts.residual_size - parts.metadata_size - parts.tau_size;
    for (uint64_t latent : parts.latent_size) parts.overhead_size -= latent;
    if (file.info.width == 0) return;
    parts.bpsp = 8.0 * static_cast<double>(size) /
                 (static_cast<double>(file.info.width) * file.info.height *
                  residua_channels(file.info.colour, file.info.alpha));
}

Inspection describe(const container::File& file, size_t size, const models::Registry& models) {
    const container::Header& header = file.header;
    Inspection result;
    residua_info& info = result.info;
    residua_research_info& parts = result.parts;
    info.format_version = container::kVersion;
    if (header.kind != container::Kind::kBytes) {
        info.width = static_cast<uint32_t>(header.width);
        info.height = static_cast<uint32_t>(header.height);
        info.bits = static_cast<uint32_t>(header.picture.bits);
        info.colour = static_cast<uint32_t>(header.picture.colour);
        info.alpha = header.picture.alpha;
    }
    info.codec = header.method->name();
    info.model_hash = header.model_hash;
    if (const auto* entry = models.find(header.model_hash)) info.model_name = entry->file.name().c_str();
    info.strip_count = 1;
    info.strip_height = info.height;
    info.metadata_size = size_of(file.metadata);
    parts.metadata_size = file.metadata_size;
    info.pixel_checksum = header.pixel_checksum;
    parts.coded_channels = static_cast<uint32_t>(header.coded_channels());
    parts.q = header.q;
    parts.bit_depth = header.bit_depth;
    parts.has_tau = !header.tau.empty();
    parts.adapts = header.adaptive;
    parts.tile_width = static_cast<uint32_t>(header.tile_width);
    parts.tile_height = static_cast<uint32_t>(header.tile_height);
    parts.tile_count = static_cast<uint32_t>(file.streams[0].size());
    if (header.method->traits().lossy_layer) parts.lossy_size = file.payload.size();
    parts.latent_count = static_cast<uint32_t>(header.scales);
    for (int stage = 0; stage < header.coded_stages(); ++stage) {
        // Stages are coarse to fine: z^(S), …, z^(1), and last the picture or its residual.
        const int scale = header.scales - stage;
        uint64_t& size_of_stage = scale == 0 ? parts.residual_size : parts.latent_size[scale - 1];
        for (auto tile : file.streams[static_cast<size_t>(stage)]) size_of_stage += tile.size();
    }
    parts.tau_size = header.tau.size();
    set_size(result, size);
    return result;
}

// What adds up over the strips; `sum` began as the description of the first one.
void add(residua_research_info& sum, const residua_research_info& strip) {
    sum.coded_channels = std::max(sum.coded_channels, strip.coded_channels);
    sum.has_tau |= strip.has_tau;
    sum.tile_count += strip.tile_count;
    sum.lossy_size += strip.lossy_size;
    for (size_t s = 0; s < std::size(sum.latent_size); ++s) sum.latent_size[s] += strip.latent_size[s];
    sum.residual_size += strip.residual_size;
    sum.tau_size += strip.tau_size;
}

Inspection describe_strips(std::span<const uint8_t> bytes, const models::Registry& models) {
    MemoryInput input(bytes);
    input.take(container::kVersionBytes);
    container::StripReader reader(input, codec::file_methods());
    const container::StripHead& head = reader.head();
    Inspection result;
    ByteWriter checksums;
    for (int strip = 0; strip < head.count(); ++strip) {
        const container::StripReader::Part part = reader.next();
        const Inspection of_strip = describe(part.file, part.bytes.span.size(), models);
        if (strip == 0)
            result = of_strip;
        else
            add(result.parts, of_strip.parts);
        checksums.u64(of_strip.info.pixel_checksum);
    }
    result.info.format_version = container::kStripVersion;
    result.info.height = static_cast<uint32_t>(head.height);
    result.info.strip_count = static_cast<uint32_t>(head.count());
    result.info.strip_height = static_cast<uint32_t>(head.strip_height);
    result.info.metadata_size = size_of(head.metadata);
    result.parts.metadata_size = head.metadata_size;
    result.info.pixel_checksum = checksum64(checksums.bytes);
    set_size(result, bytes.size());
    return result;
}

Inspection inspect(const void* data, size_t size, const models::Registry& models) {
    const std::span<const uint8_t> bytes = api::bytes_of(data, size);
    return container::version_of(bytes) == container::FileVersion::kStrips
               ? describe_strips(bytes, models)
               : describe(codec::parse_file(bytes), size, models);
}

}  // namespace
}  // namespace residua

extern "C" {

residua_status residua_inspect(residua_context* context, const void* data, size_t size, residua_info* info) {
    using namespace residua;
    api::empty(info);
    return api::call(context, [&] {
        api::require_place(info);
        api::write(info, inspect(data, size, context->models).info);
    });
}

residua_status residua_research_inspect(residua_context* context, const void* data, size_t size,
                                        residua_research_info* info) {
    using namespace residua;
    api::empty(info);
    return api::call(context, [&] {
        api::require_place(info);
        api::write(info, inspect(data, size, context->models).parts);
    });
}

residua_status residua_preview_bpg(residua_context* context, const void* data, size_t size,
                                   residua_buffer* bpg) {
    using namespace residua;
    api::empty(bpg);
    return api::call(context, [&] {
        api::require(bpg, "no place for the stream was given");
        const std::span<const uint8_t> bytes = api::bytes_of(data, size);
        if (container::version_of(bytes) == container::FileVersion::kStrips)
            throw Error(ErrorCode::kUnsupported,
                        "a file of strips has no single BPG stream; ask for its preview as pixels");
        const container::File file = codec::parse_file(bytes);
        if (!file.header.method->traits().lossy_layer)
            throw Error(ErrorCode::kUnsupported, std::string("a file of the codec ") +
                                                     file.header.method->name() +
                                                     " has no BPG stream; ask for its preview as pixels");
        api::hand_over(context, copy(file.payload, context->allocator), bpg);
    });
}

residua_status residua_research_last_times(residua_context* context, residua_research_times* times) {
    using namespace residua;
    api::empty(times);
    return api::call(context, [&] {
        api::require_place(times);
        const auto seconds = [&](Work work) { return context->seconds[static_cast<size_t>(work)]; };
        residua_research_times found{};
        found.lossy_layer = seconds(Work::kLossyLayer);
        found.network = seconds(Work::kNetwork);
        found.entropy_coder = seconds(Work::kEntropyCoder);
        found.q_classifier = seconds(Work::kQClassifier);
        found.tau = seconds(Work::kTau);
        found.proof = seconds(Work::kProof);
        found.other = seconds(Work::kOther);
        api::write(times, found);
    });
}

}  // extern "C"
