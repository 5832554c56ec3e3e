// A model file (.rsm): its identity, the description for people, and the sections that a codec's network and
// distributions are read from. docs/format.md describes the bytes.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace residua::models {

constexpr int kMaxScales = 4;  // sections kScale

// Bit 7: who does not know the tag may skip the section.
constexpr uint8_t kOptionalSection = 0x80;
enum SectionTag : uint8_t {
    kDescription = 1,
    kGraph = 2,
    kDistribution = 3,
    kConditioning = 4,
    kLatent = 5,
    kScale = 6,
    kEncoder = 7,
    kExperts = 8,
    kHead = 9,
    kQClassifier = kOptionalSection | 1,
};

// What a model consists of: the sections that its method has (Method::sections). The sections' bytes are as
// their own serialisers wrote them and not yet checked.
struct ModelSections {
    std::string description = {};  // "key=value\n" lines
    // Codec rc (stages/rc/model.h):
    std::span<const uint8_t> graph = {};
    std::span<const uint8_t> distribution = {};
    uint8_t conditioning = 0;
    std::span<const uint8_t> q_classifier = {};  // stages/rc/q_classifier.h; empty: there is none
    // Codec l3c (stages/l3c/model.h):
    std::span<const uint8_t> latent = {};
    std::vector<std::span<const uint8_t>> scales = {};  // coarse to fine; an empty one repeats the one before
    std::span<const uint8_t> encoder = {};
    // Codec olm (stages/olm/model.h):
    std::span<const uint8_t> experts = {};
    std::vector<std::span<const uint8_t>> heads = {};  // by plane
};

// Views into the bytes of the file, which must outlive it.
struct ModelFile : ModelSections {
    uint64_t hash = 0;  // XXH3-64 of all bytes
    uint64_t size = 0;
    std::map<std::string, std::string> keys;  // the description, parsed; at least "name" and "codec"
    std::set<SectionTag> found;               // which sections there are

    const std::string& name() const { return keys.at("name"); }
    const std::string& codec() const { return keys.at("codec"); }
    // A key that holds a number in [low, high], or `otherwise` when it is absent. Throws kCorrupt for others.
    int number(const std::string& key, int low, int high, int otherwise) const;
};

// Throws kCorrupt, kTruncated or kUnsupported, whatever the bytes are. Whether the sections are those of its
// method, check_model_file (method.h) says.
ModelFile parse_model_file(std::span<const uint8_t> bytes);

// The reverse; empty sections are left out. Throws what parse_model_file would throw for the result.
std::vector<uint8_t> write_model_file(const ModelSections& sections);

// A model's hash as people see it: 16 lower-case hexadecimal digits.
std::string hash_text(uint64_t hash);

}  // namespace residua::models
