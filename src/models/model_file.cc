#include "models/model_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "base/bytes.h"
#include "base/checksum.h"

namespace residua::models {

namespace {

constexpr std::array<uint8_t, 4> kMagic = {'R', 'S', 'D', 'M'};
constexpr uint8_t kVersion = 1;
constexpr size_t kMaxDescription = 65536;
constexpr int kMaxHeads = 3;
constexpr SectionTag kTags[] = {kDescription, kGraph,   kDistribution, kConditioning, kLatent,
                                kScale,       kEncoder, kExperts,      kHead,         kQClassifier};

[[noreturn]] void corrupt(const std::string& message) {
    throw Error(ErrorCode::kCorrupt, "the model file " + message);
}

bool is_key(const std::string& text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

// Names go to terminals and into option values: letters that no shell and no terminal interprets.
bool is_name(const std::string& text) {
    return !text.empty() && text.size() <= 63 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    });
}

std::map<std::string, std::string> parse_description(const std::string& text) {
    std::map<std::string, std::string> keys;
    for (char c : text)
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f)
            corrupt("has control characters in its description");
    for (size_t begin = 0; begin < text.size();) {
        const size_t end = text.find('\n', begin);
        if (end == std::string::npos) corrupt("has a description without a line end");
        const std::string line = text.substr(begin, end - begin);
        const size_t equals = line.find('=');
        if (equals == std::string::npos || !is_key(line.substr(0, equals)))
            corrupt("has a line in its description that is not key=value");
        if (!keys.emplace(line.substr(0, equals), line.substr(equals + 1)).second)
            corrupt("describes '" + line.substr(0, equals) + "' twice");
        begin = end + 1;
    }
    for (const char* key : {"name", "codec"})
        if (!keys.contains(key) || !is_name(keys.at(key)))
            corrupt(std::string("has no valid ") + key + " in its description");
    return keys;
}

}  // namespace

int ModelFile::number(const std::string& key, int low, int high, int otherwise) const {
    const auto found = keys.find(key);
    if (found == keys.end()) return otherwise;
    const std::string& text = found->second;
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < low || value > high)
        corrupt("has an impossible " + key + " (" + text + ")");
    return value;
}

ModelFile parse_model_file(std::span<const uint8_t> bytes) {
    ByteReader reader(bytes, "model file");
    if (bytes.size() < kMagic.size() || !std::equal(kMagic.begin(), kMagic.end(), bytes.begin()))
        throw Error(ErrorCode::kCorrupt, "this is not a Residua model file");
    reader.take(kMagic.size());
    const uint8_t version = reader.u8();
    if (version != kVersion)
        throw Error(ErrorCode::kUnsupported, "the model file has version " + std::to_string(version) +
                                                 ", which needs a later version of Residua");
    ModelFile file;
    file.hash = checksum64(bytes);
    file.size = bytes.size();
    std::multiset<SectionTag> found;
    while (!reader.at_end()) {
        const uint8_t tag = reader.u8();
        const auto section = reader.take(reader.varint());
        const auto known = std::ranges::find(kTags, tag);
        if (known != std::end(kTags)) found.insert(*known);
        const size_t most = tag == kScale ? kMaxScales : tag == kHead ? kMaxHeads : 1;
        if (known != std::end(kTags) && found.count(*known) > most)
            corrupt("has section " + std::to_string(tag) + " too often");
        switch (tag) {
            case kDescription:
                if (section.size() > kMaxDescription) corrupt("has a description that is too long");
                file.description.assign(section.begin(), section.end());
                file.keys = parse_description(file.description);
                break;
            case kGraph:
                file.graph = section;
                break;
            case kDistribution:
                file.distribution = section;
                break;
            case kConditioning:
                if (section.size() != 1) corrupt("has a conditioning that is not one byte");
                file.conditioning = section[0];
                break;
            case kLatent:
                file.latent = section;
                break;
            case kScale:
                file.scales.push_back(section);
                break;
            case kEncoder:
                file.encoder = section;
                break;
            case kExperts:
                file.experts = section;
                break;
            case kHead:
                file.heads.push_back(section);
                break;
            case kQClassifier:
                if (section.empty()) corrupt("has an empty Q-classifier");
                file.q_classifier = section;
                break;
            default:
                if (!(tag & kOptionalSection))
                    throw Error(ErrorCode::kUnsupported, "the model file has a section of type " +
                                                             std::to_string(tag) +
                                                             ", which needs a later version of Residua");
        }
    }
    if (!found.contains(kDescription)) corrupt("lacks its description");
    file.found = {found.begin(), found.end()};
    return file;
}

std::vector<uint8_t> write_model_file(const ModelSections& sections) {
    ByteWriter writer;
    for (uint8_t byte : kMagic) writer.u8(byte);
    writer.u8(kVersion);
    const auto put = [&writer](SectionTag tag, std::span<const uint8_t> bytes) {
        writer.u8(tag);
        writer.varint(bytes.size());
        writer.put(bytes);
    };
    const auto put_if_any = [&put](SectionTag tag, std::span<const uint8_t> bytes) {
        if (!bytes.empty()) put(tag, bytes);
    };
    const std::string& text = sections.description;
    put(kDescription, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
    put_if_any(kGraph, sections.graph);
    put_if_any(kDistribution, sections.distribution);
    if (sections.conditioning) put(kConditioning, {&sections.conditioning, 1});
    put_if_any(kQClassifier, sections.q_classifier);
    put_if_any(kLatent, sections.latent);
    for (auto scale : sections.scales) put(kScale, scale);
    put_if_any(kEncoder, sections.encoder);
    put_if_any(kExperts, sections.experts);
    for (auto head : sections.heads) put(kHead, head);
    parse_model_file(writer.bytes);
    return std::move(writer.bytes);
}

std::string hash_text(uint64_t hash) {
    std::string text(16, '0');
    for (size_t i = 16; i-- > 0; hash >>= 4) text[i] = "0123456789abcdef"[hash & 15];
    return text;
}

}  // namespace residua::models
