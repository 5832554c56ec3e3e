// What OLM's head is trained on, as files: a random share of the samples of many photographs, with what the
// experts say of each. The codec's own experts make them (residua_olm_samples).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace residua::train {

constexpr int kOlmPlanes = 3;
// The experts whose records are of deep pictures, made of the photographs (data/deep_photo.h).
constexpr char kDeepExperts[] = "olm-deep";

struct OlmRecordSettings {
    std::string experts = "olm";             // a set of olm/parameters.h
    double scale_low = 0.5, scale_high = 1;  // photographs are downscaled by a random factor in between
    double as_is = 0.2;      // share of the pictures that keep their size, and with it the traces of JPEG
    double photo_cd = 0.08;  // of the others: share that is made as Photo CD's decoders did
    int variants = 1;        // pictures made from each photograph
    int window = 512;        // side of the part that is taken of each, in pixels
    double share = 0.05;     // of its samples that are kept
    int workers = 0;         // threads; 0: as many as cores
    uint64_t seed = 1;
};

// One sample: `inputs` bytes, then what follows, little-endian, without gaps.
struct OlmRecord {
    const uint8_t* inputs;
    int centre, scale, log_scale;  // as residua_olm_sample
    int sample;
};

// A file of records of one plane, mapped into memory: "residuaolm1\n", uint32 number of inputs, records of
// inputs + 8 bytes.
class OlmRecordFile {
  public:
    OlmRecordFile() = default;
    explicit OlmRecordFile(const std::string& path);  // throws std::runtime_error
    OlmRecordFile(OlmRecordFile&& other) noexcept;
    OlmRecordFile& operator=(OlmRecordFile&& other) noexcept;
    ~OlmRecordFile();

    int inputs() const { return inputs_; }
    size_t count() const { return count_; }
    OlmRecord at(size_t i) const;

  private:
    void* mapping_ = nullptr;
    size_t size_ = 0, count_ = 0;
    int inputs_ = 0;
};

// Makes FOLDER/plane0.records …, and of about every 40th photograph FOLDER/plane0.held-out …, unless they are
// there and were made with the same settings. FOLDER/settings.txt says which. Throws std::runtime_error, also
// for a folder of other experts' records: hours of work are not to be lost by a wrong option.
void prepare_olm_records(const std::string& photos, const std::string& folder,
                         const OlmRecordSettings& settings);

// The experts of a folder's records. Throws std::runtime_error where it has none that are complete.
std::string olm_record_experts(const std::string& folder);

std::string olm_record_path(const std::string& folder, int plane, bool held_out);

}  // namespace residua::train
