// A thin C++20 face over research.h, as residua.hpp is one over residua.h.
#pragma once

#include <residua/research.h>

#include <cstddef>
#include <cstdint>
#include <residua/residua.hpp>
#include <vector>

namespace residua::research {

// Options of both kinds in one: `research` always points to this object's own.
struct encode_options : residua_encode_options, residua_research_options {
    encode_options()
        : residua_encode_options(RESIDUA_INIT(residua_encode_options)),
          residua_research_options(RESIDUA_INIT(residua_research_options)) {
        research = this;
    }
    encode_options(const encode_options& other)
        : residua_encode_options(other), residua_research_options(other) {
        research = this;
    }
    encode_options& operator=(const encode_options& other) {
        residua_encode_options::operator=(other);
        residua_research_options::operator=(other);
        research = this;
        return *this;
    }
};

inline image sample(context& context, const residua_image& picture,
                    const residua_sample_options& options = RESIDUA_INIT(residua_sample_options)) {
    image drawn;
    context.check(residua_sample(context.get(), &picture, &options, drawn.out()));
    return drawn;
}

// x_l: width · height · channels bytes. bpg_size, when not null, gets the size of the BPG stream.
inline std::vector<std::uint8_t> lossy_layer(context& context, const residua_image& picture, int q,
                                             int bit_depth, int effort, std::uint64_t* bpg_size = nullptr) {
    std::vector<std::uint8_t> pixels(std::size_t{picture.width} * picture.height * channels(picture));
    context.check(
        residua_lossy_layer(context.get(), &picture, q, bit_depth, effort, pixels.data(), bpg_size));
    return pixels;
}

// The same before its rounding to 8 bits: 64 times the value.
inline std::vector<std::uint16_t> lossy_layer_fine(context& context, const residua_image& picture, int q,
                                                   int bit_depth, int effort,
                                                   std::uint64_t* bpg_size = nullptr) {
    std::vector<std::uint16_t> fine(std::size_t{picture.width} * picture.height * channels(picture));
    context.check(
        residua_lossy_layer_fine(context.get(), &picture, q, bit_depth, effort, fine.data(), bpg_size));
    return fine;
}

inline buffer preview_bpg(context& context, const void* data, std::size_t size) {
    buffer bpg;
    context.check(residua_preview_bpg(context.get(), data, size, bpg.out()));
    return bpg;
}

// visit(const residua_olm_sample&) for each sample of the picture; experts as residua_olm_samples takes them.
// What visit throws comes out of this call, which goes on to the last sample without it.
template <typename Visit>
void olm_samples(context& context, const residua_image& picture, const char* experts, Visit visit) {
    struct {
        Visit& visit;
        detail::kept_exception kept;
    } calls{visit, {}};
    using Calls = decltype(calls);
    const residua_status status = residua_olm_samples(
        context.get(), &picture, experts,
        [](void* user, const residua_olm_sample* sample) {
            auto& self = *static_cast<Calls*>(user);
            if (!self.kept) self.kept.guard([&] { self.visit(*sample); });
        },
        &calls);
    calls.kept.rethrow();
    context.check(status);
}

inline residua_research_info inspect(context& context, const void* data, std::size_t size) {
    residua_research_info info = RESIDUA_INIT(residua_research_info);
    context.check(residua_research_inspect(context.get(), data, size, &info));
    return info;
}

// visit(const residua_stage_bits&) for each stage of each strip. What visit throws comes out of this call.
template <typename Visit>
void explain(context& context, const void* data, std::size_t size, Visit visit) {
    struct {
        Visit& visit;
        detail::kept_exception kept;
    } calls{visit, {}};
    using Calls = decltype(calls);
    const residua_status status = residua_explain(
        context.get(), data, size,
        [](void* user, const residua_stage_bits* stage) {
            auto& self = *static_cast<Calls*>(user);
            return self.kept.guard([&] { self.visit(*stage); });
        },
        &calls);
    calls.kept.rethrow();
    context.check(status);
}

inline residua_research_model_info model(context& context, std::uint64_t hash) {
    residua_research_model_info info = RESIDUA_INIT(residua_research_model_info);
    context.check(residua_research_model(context.get(), hash, &info));
    return info;
}

inline residua_research_times last_times(context& context) {
    residua_research_times times = RESIDUA_INIT(residua_research_times);
    context.check(residua_research_last_times(context.get(), &times));
    return times;
}

}  // namespace residua::research
