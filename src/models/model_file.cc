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
constexpr uint8_t kOptional = 0x80;
constexpr size_t kMaxDescription = 65536;
constexpr int kDefaultQ = 12;
constexpr int kDefaultBitDepth = 10;
constexpr int kMaxHeads = 3;
enum Tag : uint8_t {
    kDescription = 1,
    kGraph = 2,
    kDistribution = 3,
    kConditioning = 4,
    kLatent = 5,
    kScale = 6,
    kEncoder = 7,
    kExperts = 8,
    kHead = 9,
    kTags = 10,
    kQClassifier = kOptional | 1,
};

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

// Which sections a codec's models have. Those of unknown codecs are for a later version to judge.
void check_sections(const std::string& codec, const std::multiset<int>& found) {
    const auto has = [&found](Tag tag) { return found.contains(tag); };
    const bool known = codec == kRcCodec || codec == kL3cCodec || codec == kOlmCodec;
    for (const int tag : found) {
        const bool for_rc = tag <= kConditioning || tag == kQClassifier;
        const char* owner = for_rc ? kRcCodec : tag <= kEncoder ? kL3cCodec : kOlmCodec;
        if (tag != kDescription && known && codec != owner)
            corrupt("has section " + std::to_string(tag) + ", which no model of the codec '" + codec +
                    "' has");
    }
    if ((codec == kRcCodec && (!has(kGraph) || !has(kDistribution))) ||
        (codec == kL3cCodec && (!has(kLatent) || !has(kScale))) ||
        (codec == kOlmCodec && (!has(kExperts) || !has(kHead))))
        corrupt("lacks a section");
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

int ModelFile::default_q() const {
    return codec() == kRcCodec ? number("default_q", 1, kMaxQ, kDefaultQ) : 0;
}

int ModelFile::default_bit_depth() const {
    if (codec() != kRcCodec) return 0;
    const int depth = number("default_bit_depth", 8, 10, kDefaultBitDepth);
    if (depth == 9) corrupt("has an impossible default_bit_depth (9)");
    return depth;
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
    std::multiset<int> found;  // tags that this version knows
    while (!reader.at_end()) {
        const uint8_t tag = reader.u8();
        const auto section = reader.take(reader.varint());
        if ((tag >= kDescription && tag < kTags) || tag == kQClassifier) found.insert(tag);
        if (found.count(tag) > (tag == kScale ? kMaxScales : tag == kHead ? kMaxHeads : 1))
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
                if (!(tag & kOptional))
                    throw Error(ErrorCode::kUnsupported, "the model file has a section of type " +
                                                             std::to_string(tag) +
                                                             ", which needs a later version of Residua");
        }
    }
    if (!found.contains(kDescription)) corrupt("lacks its description");
    check_sections(file.codec(), found);
    file.default_q();
    file.default_bit_depth();
    return file;
}

std::vector<uint8_t> write_model_file(const ModelSections& sections) {
    ByteWriter writer;
    for (uint8_t byte : kMagic) writer.u8(byte);
    writer.u8(kVersion);
    const auto put = [&writer](Tag tag, std::span<const uint8_t> bytes) {
        writer.u8(tag);
        writer.varint(bytes.size());
        writer.put(bytes);
    };
    const auto put_if_any = [&put](Tag tag, std::span<const uint8_t> bytes) {
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
