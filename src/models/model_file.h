// A model file (.rsm): its identity, the description for people, and the sections that a codec's network and
// distributions are read from. docs/format.md describes the bytes.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace residua::models {

// Views into the bytes of the file, which must outlive it.
struct ModelFile {
    uint64_t hash = 0;  // XXH3-64 of all bytes
    uint64_t size = 0;
    std::string description;                  // "key=value\n" lines
    std::map<std::string, std::string> keys;  // the same, parsed; at least "name" and "codec"
    std::span<const uint8_t> graph;           // the section's bytes, not yet checked
    std::span<const uint8_t> distribution;
    uint8_t conditioning = 0;  // see models/rc.h

    const std::string& name() const { return keys.at("name"); }
    const std::string& codec() const { return keys.at("codec"); }
    // The keys default_q (1…51) and default_bit_depth (8 or 10), or what RC is best at without them.
    int default_q() const;
    int default_bit_depth() const;
    // A key that holds a number in [low, high], or `otherwise` when it is absent. Throws kCorrupt for others.
    int number(const std::string& key, int low, int high, int otherwise) const;
};

// Throws kCorrupt, kTruncated or kUnsupported, whatever the bytes are.
ModelFile parse_model_file(std::span<const uint8_t> bytes);

// The reverse: `description` in "key=value\n" lines, the sections as their own serialisers wrote them. Throws
// what parse_model_file would throw for the result.
std::vector<uint8_t> write_model_file(const std::string& description, std::span<const uint8_t> graph,
                                      std::span<const uint8_t> distribution, uint8_t conditioning = 0);

// A model's hash as people see it: 16 lower-case hexadecimal digits.
std::string hash_text(uint64_t hash);

}  // namespace residua::models
