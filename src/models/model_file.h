// A model file (.rsm): its identity, the description for people, and the sections that a codec's network and
// distributions are read from. docs/format.md describes the bytes.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace residua::models {

// The codecs that a model may be for, as its description names them.
constexpr const char* kRcCodec = "rc";
constexpr const char* kL3cCodec = "l3c";
constexpr const char* kOlmCodec = "olm";
constexpr int kMaxScales = 4;  // S of L3C
constexpr int kMaxQ = 51;      // of RC's lossy layer, from 1 on

// What a model consists of. The sections' bytes are as their own serialisers wrote them and not yet checked.
struct ModelSections {
    std::string description = {};  // "key=value\n" lines
    // Codec rc (models/rc.h):
    std::span<const uint8_t> graph = {};
    std::span<const uint8_t> distribution = {};
    uint8_t conditioning = 0;
    std::span<const uint8_t> q_classifier = {};  // models/q_classifier.h; empty: there is none
    // Codec l3c (models/l3c.h):
    std::span<const uint8_t> latent = {};
    std::vector<std::span<const uint8_t>> scales = {};  // coarse to fine; an empty one repeats the one before
    std::span<const uint8_t> encoder = {};
    // Codec olm (models/olm.h):
    std::span<const uint8_t> experts = {};
    std::vector<std::span<const uint8_t>> heads = {};  // by plane
};

// Views into the bytes of the file, which must outlive it.
struct ModelFile : ModelSections {
    uint64_t hash = 0;  // XXH3-64 of all bytes
    uint64_t size = 0;
    std::map<std::string, std::string> keys;  // the description, parsed; at least "name" and "codec"

    const std::string& name() const { return keys.at("name"); }
    const std::string& codec() const { return keys.at("codec"); }
    // The keys default_q (1…51) and default_bit_depth (8 or 10), or what RC is best at without them; 0 for
    // codecs without a lossy layer.
    int default_q() const;
    int default_bit_depth() const;
    // A key that holds a number in [low, high], or `otherwise` when it is absent. Throws kCorrupt for others.
    int number(const std::string& key, int low, int high, int otherwise) const;
};

// Throws kCorrupt, kTruncated or kUnsupported, whatever the bytes are.
ModelFile parse_model_file(std::span<const uint8_t> bytes);

// The reverse; empty sections are left out. Throws what parse_model_file would throw for the result.
std::vector<uint8_t> write_model_file(const ModelSections& sections);

// A model's hash as people see it: 16 lower-case hexadecimal digits.
std::string hash_text(uint64_t hash);

}  // namespace residua::models
