#include "olm/olm_records.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <mutex>
#include <random>
#include <residua/research.hpp>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include "data/deep_photo.h"
#include "data/photo.h"
#include "data/photo_cd.h"
#include "data/shard.h"
#include "weights/whole_file.h"

namespace residua::train {

namespace {

constexpr char kMagic[] = "residuaolm1\n";
constexpr size_t kMagicBytes = sizeof kMagic - 1;
constexpr size_t kHeaderBytes = kMagicBytes + 4;
constexpr size_t kTailBytes = 8;            // behind the inputs
constexpr char kExpertsKey[] = "experts ";  // begins settings.txt
constexpr int kJpegUnit = 16;               // pixels: the largest that its blocks are, chroma's of 4:2:0

void put(std::vector<uint8_t>& out, uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

int get16(const uint8_t* from) { return static_cast<int16_t>(from[0] | from[1] << 8); }

// The records of one picture, by plane.
struct PictureRecords {
    std::vector<uint8_t> bytes[kOlmPlanes];
    uint32_t inputs[kOlmPlanes] = {};
};

struct Kept {
    const OlmRecordSettings& settings;
    std::mt19937_64& random;
    PictureRecords records = {};

    void take(context& codec, const residua_image& image) {
        const auto threshold = static_cast<uint64_t>(settings.share * 4294967296.0);
        residua::research::olm_samples(
            codec, image, settings.experts.c_str(), [&](const residua_olm_sample& sample) {
                if ((random() & 0xFFFFFFFF) >= threshold) return;
                auto& bytes = records.bytes[sample.plane];
                records.inputs[sample.plane] = sample.input_count;
                bytes.insert(bytes.end(), sample.inputs, sample.inputs + sample.input_count);
                put(bytes, static_cast<uint32_t>(sample.centre), 2);
                put(bytes, static_cast<uint32_t>(sample.scale), 2);
                put(bytes, static_cast<uint32_t>(sample.log_scale), 2);
                put(bytes, static_cast<uint32_t>(sample.sample), 2);
            });
    }
};

PictureRecords deep_records_of(context& codec, const std::string& photo, const OlmRecordSettings& settings,
                               std::mt19937_64& random) {
    DeepPhoto picture = make_deep_photo(load_photo(photo, 1), settings.window, random);
    residua_image image = RESIDUA_INIT(residua_image);
    image.pixels = picture.samples.data();
    image.width = static_cast<uint32_t>(picture.width);
    image.height = static_cast<uint32_t>(picture.height);
    image.bits = static_cast<uint32_t>(picture.bits);
    image.colour = picture.channels == 1 ? RESIDUA_COLOUR_GREY : RESIDUA_COLOUR_RGB;
    Kept kept{settings, random};
    kept.take(codec, image);
    return std::move(kept.records);
}

PictureRecords records_of(context& codec, const std::string& photo, const OlmRecordSettings& settings,
                          std::mt19937_64& random) {
    std::uniform_real_distribution<double> unit(0, 1);
    const bool as_is = unit(random) < settings.as_is;
    const double shrunk = settings.scale_low + unit(random) * (settings.scale_high - settings.scale_low);
    const double factor = as_is ? 1 : shrunk;
    Photo picture = load_photo(photo, factor);
    if (!as_is && unit(random) < settings.photo_cd) make_photo_cd(picture);
    const int width = std::min(picture.width, settings.window),
              height = std::min(picture.height, settings.window);
    // Whole pictures begin where JPEG's blocks and chroma do, and so must windows of them.
    const int unit_of_start = as_is ? kJpegUnit : 1;
    const auto start = [&](int space) {
        return static_cast<int>(unit(random) * (space + 1)) / unit_of_start * unit_of_start;
    };
    const int x = start(picture.width - width), y = start(picture.height - height);
    residua_image image = RESIDUA_INIT(residua_image);
    image.pixels = picture.rgb.data() +
                   3 * (static_cast<size_t>(y) * static_cast<size_t>(picture.width) + static_cast<size_t>(x));
    image.width = static_cast<uint32_t>(width);
    image.height = static_cast<uint32_t>(height);
    image.stride = static_cast<size_t>(picture.width) * 3;
    image.colour = RESIDUA_COLOUR_RGB;
    Kept kept{settings, random};
    kept.take(codec, image);
    return std::move(kept.records);
}

std::string settings_text(const std::string& photos, const OlmRecordSettings& settings) {
    std::ostringstream text;
    text << kExpertsKey << settings.experts << "\nphotos " << list_photos(photos).size() << " as-is "
         << settings.as_is << " photo-cd " << settings.photo_cd << " scale " << settings.scale_low << " "
         << settings.scale_high << " variants " << settings.variants << " window " << settings.window
         << " share " << settings.share << " seed " << settings.seed << "\n";
    return text.str();
}

std::string stamp_path(const std::string& folder) { return folder + "/settings.txt"; }

// The settings of the records that are there; empty where they are not complete.
std::string read_stamp(const std::string& folder) {
    if (!std::filesystem::exists(stamp_path(folder))) return {};
    const std::vector<uint8_t> text = read_whole_file(stamp_path(folder));
    return {text.begin(), text.end()};
}

}  // namespace

std::string olm_record_experts(const std::string& folder) {
    const std::string text = read_stamp(folder);
    const size_t key = sizeof kExpertsKey - 1;
    if (!text.starts_with(kExpertsKey))
        throw std::runtime_error(folder + " has no complete records of OLM's experts" +
                                 (text.empty() ? "" : " that this version knows; delete it"));
    return text.substr(key, text.find('\n') - key);
}

std::string olm_record_path(const std::string& folder, int plane, bool held_out) {
    return folder + "/plane" + std::to_string(plane) + (held_out ? ".held-out" : ".records");
}

OlmRecordFile::OlmRecordFile(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) throw std::runtime_error(path + ": cannot be opened");
    struct stat info = {};
    fstat(file, &info);
    size_ = static_cast<size_t>(info.st_size);
    if (size_ >= kHeaderBytes) mapping_ = mmap(nullptr, size_, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (!mapping_ || mapping_ == MAP_FAILED || std::memcmp(mapping_, kMagic, kMagicBytes) != 0) {
        mapping_ = mapping_ == MAP_FAILED ? nullptr : mapping_;
        throw std::runtime_error(path + ": not a file of OLM's records");
    }
    const uint8_t* size = static_cast<const uint8_t*>(mapping_) + kMagicBytes;
    inputs_ = get16(size);
    count_ = (size_ - kHeaderBytes) / (static_cast<size_t>(inputs_) + kTailBytes);
}

OlmRecordFile::OlmRecordFile(OlmRecordFile&& other) noexcept { *this = std::move(other); }

OlmRecordFile& OlmRecordFile::operator=(OlmRecordFile&& other) noexcept {
    std::swap(mapping_, other.mapping_);
    std::swap(size_, other.size_);
    std::swap(count_, other.count_);
    std::swap(inputs_, other.inputs_);
    return *this;
}

OlmRecordFile::~OlmRecordFile() {
    if (mapping_) munmap(mapping_, size_);
}

OlmRecord OlmRecordFile::at(size_t i) const {
    const uint8_t* record = static_cast<const uint8_t*>(mapping_) + kHeaderBytes +
                            i * (static_cast<size_t>(inputs_) + kTailBytes);
    const uint8_t* tail = record + inputs_;
    return {record, get16(tail), get16(tail + 2), get16(tail + 4), get16(tail + 6)};
}

void prepare_olm_records(const std::string& photos, const std::string& folder,
                         const OlmRecordSettings& settings) {
    std::filesystem::create_directories(folder);
    const std::string stamp = stamp_path(folder);
    const std::string wanted = settings_text(photos, settings);
    if (read_stamp(folder) == wanted) return;
    if (std::filesystem::exists(stamp) && olm_record_experts(folder) != settings.experts)
        throw std::runtime_error(folder + " has records of the experts " + olm_record_experts(folder) +
                                 ", not of " + settings.experts + "; choose another folder or delete it");
    std::filesystem::remove(stamp);

    const std::vector<std::string> paths = list_photos(photos);
    std::ofstream files[2][kOlmPlanes];
    for (int held_out = 0; held_out < 2; ++held_out)
        for (int plane = 0; plane < kOlmPlanes; ++plane)
            files[held_out][plane].open(olm_record_path(folder, plane, held_out != 0), std::ios::binary);
    const size_t jobs = paths.size() * static_cast<size_t>(settings.variants);
    std::atomic<size_t> next{0}, done{0};
    std::mutex mutex;
    std::exception_ptr failure;
    const auto work = [&] {
        try {
            residua_settings one_thread = RESIDUA_INIT(residua_settings);
            one_thread.threads = 1;
            context codec(one_thread);
            for (size_t job; (job = next++) < jobs;) {
                const std::string& path = paths[job % paths.size()];
                const std::string name = std::filesystem::path(path).filename().string();
                std::mt19937_64 random(hash_of(name + "/" + std::to_string(job / paths.size()) + "/" +
                                               std::to_string(settings.seed)));
                const PictureRecords records = settings.experts == kDeepExperts
                                                   ? deep_records_of(codec, path, settings, random)
                                                   : records_of(codec, path, settings, random);
                const bool held_out = hash_of(name) % kHoldOutEvery == 0;
                const std::lock_guard lock(mutex);
                for (int plane = 0; plane < kOlmPlanes; ++plane) {
                    std::ofstream& file = files[held_out ? 1 : 0][plane];
                    if (records.bytes[plane].empty()) continue;
                    if (file.tellp() == 0) {
                        std::vector<uint8_t> header(kMagic, kMagic + kMagicBytes);
                        put(header, records.inputs[plane], 4);
                        file.write(reinterpret_cast<const char*>(header.data()),
                                   static_cast<std::streamsize>(header.size()));
                    }
                    file.write(reinterpret_cast<const char*>(records.bytes[plane].data()),
                               static_cast<std::streamsize>(records.bytes[plane].size()));
                    if (!file) throw std::runtime_error(folder + ": cannot be written");
                }
                if (++done % 100 == 0) std::cerr << "records of " << done << " of " << jobs << " pictures\n";
            }
        } catch (...) {
            const std::lock_guard lock(mutex);
            if (!failure) failure = std::current_exception();
            next = jobs;
        }
    };
    std::vector<std::thread> threads;
    const unsigned workers =
        settings.workers > 0 ? static_cast<unsigned>(settings.workers) : std::thread::hardware_concurrency();
    for (unsigned i = 0; i < std::max(1U, workers); ++i) threads.emplace_back(work);
    for (std::thread& thread : threads) thread.join();
    if (failure) std::rethrow_exception(failure);
    for (auto& part : files)
        for (std::ofstream& file : part) {
            file.close();
            if (!file) throw std::runtime_error(folder + ": cannot be written");
        }
    std::ofstream(stamp) << wanted;
}

}  // namespace residua::train
