#include "data/shard.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace residua::train {

namespace {

constexpr char kMagic[8] = {'R', 'S', 'D', 'S', 'H', 'R', 'D', '1'};
constexpr size_t kAlignment = 64;
constexpr uint32_t kMaxSide = 1 << 16;
constexpr uint32_t kMaxVersions = 256;

// All numbers are little-endian, as on every machine that this runs on.
struct FileHeader {
    char magic[8];
    uint64_t count;     // of index entries
    uint64_t index;     // where they start
    uint64_t checksum;  // of the index
};

struct IndexEntry {
    uint64_t offset, size, checksum;
};

// Then: the versions; from the next multiple of kAlignment on, each version's fine; last, the image.
struct RecordHeader {
    uint64_t photo;
    uint32_t width, height, versions, zero;
};

struct RecordVersion {
    int32_t q, bit_depth;
    float lossy_bpsp;
    uint32_t zero;
};

size_t aligned(size_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

void append(std::vector<uint8_t>& to, const void* data, size_t size) {
    const auto* bytes = static_cast<const uint8_t*>(data);
    to.insert(to.end(), bytes, bytes + size);
}

}  // namespace

uint64_t hash_of(const std::string& text) { return XXH3_64bits(text.data(), text.size()); }

void ShardWriter::add(const Patch& patch) {
    records_.resize(aligned(records_.size()));
    const size_t start = records_.size();
    const RecordHeader header = {patch.photo, static_cast<uint32_t>(patch.width),
                                 static_cast<uint32_t>(patch.height),
                                 static_cast<uint32_t>(patch.versions.size()), 0};
    append(records_, &header, sizeof header);
    for (const LossyVersion& version : patch.versions) {
        const RecordVersion entry = {version.q, version.bit_depth, version.lossy_bpsp, 0};
        append(records_, &entry, sizeof entry);
    }
    records_.resize(aligned(records_.size()));
    for (const LossyVersion& version : patch.versions)
        append(records_, version.fine, 3 * patch.area() * sizeof(uint16_t));
    append(records_, patch.image, 3 * patch.area());
    index_.push_back(
        {start, records_.size() - start, XXH3_64bits(records_.data() + start, records_.size() - start)});
}

void ShardWriter::finish() {
    records_.resize(aligned(records_.size()));
    FileHeader header;
    std::memcpy(header.magic, kMagic, sizeof kMagic);
    header.count = index_.size();
    header.index = aligned(sizeof header) + records_.size();
    for (Entry& entry : index_) entry.offset += aligned(sizeof header);
    header.checksum = XXH3_64bits(index_.data(), index_.size() * sizeof(Entry));
    std::vector<uint8_t> start;
    append(start, &header, sizeof header);
    start.resize(aligned(start.size()));

    const std::string temporary = path_ + ".tmp";
    {
        std::ofstream file(temporary, std::ios::binary);
        const auto put = [&file](const void* data, size_t size) {
            file.write(static_cast<const char*>(data), static_cast<std::streamsize>(size));
        };
        put(start.data(), start.size());
        put(records_.data(), records_.size());
        put(index_.data(), index_.size() * sizeof(Entry));
        file.flush();
        if (!file) {
            file.close();
            std::filesystem::remove(temporary);
            throw std::runtime_error(temporary + ": cannot be written; is the disk full?");
        }
    }
    std::filesystem::rename(temporary, path_);
}

Shard::Shard(const std::string& path) : path_(path) {
    const auto refuse = [&] {
        if (mapping_) munmap(mapping_, size_);
        mapping_ = nullptr;
        throw std::runtime_error(path + ": is not a whole shard; delete it and prepare again");
    };
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status = {};
    if (file < 0 || fstat(file, &status) != 0) {
        if (file >= 0) close(file);
        throw std::runtime_error(path + ": cannot be opened");
    }
    size_ = static_cast<size_t>(status.st_size);
    mapping_ = size_ ? mmap(nullptr, size_, PROT_READ, MAP_SHARED, file, 0) : MAP_FAILED;
    close(file);
    if (mapping_ == MAP_FAILED) mapping_ = nullptr;
    FileHeader header;
    if (!mapping_ || size_ < sizeof header) refuse();
    const auto* bytes = static_cast<const uint8_t*>(mapping_);
    std::memcpy(&header, bytes, sizeof header);
    if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0 || header.index > size_ ||
        header.count != (size_ - header.index) / sizeof(IndexEntry) ||
        (size_ - header.index) % sizeof(IndexEntry) != 0 ||
        XXH3_64bits(bytes + header.index, size_ - header.index) != header.checksum)
        refuse();
    for (uint64_t i = 0; i < header.count; ++i) {
        IndexEntry entry;
        std::memcpy(&entry, bytes + header.index + i * sizeof entry, sizeof entry);
        RecordHeader record;
        if (entry.offset > header.index || entry.size > header.index - entry.offset ||
            entry.offset % kAlignment != 0 || entry.size < sizeof record)
            refuse();
        const uint8_t* at = bytes + entry.offset;
        std::memcpy(&record, at, sizeof record);
        if (record.width == 0 || record.width > kMaxSide || record.height == 0 || record.height > kMaxSide ||
            record.versions > kMaxVersions)
            refuse();
        Patch patch;
        patch.photo = record.photo;
        patch.width = static_cast<int>(record.width);
        patch.height = static_cast<int>(record.height);
        const size_t samples = 3 * patch.area();
        size_t data = aligned(sizeof record + record.versions * sizeof(RecordVersion));
        if (entry.size != data + samples * (1 + sizeof(uint16_t) * record.versions)) refuse();
        for (uint32_t v = 0; v < record.versions; ++v) {
            RecordVersion version;
            std::memcpy(&version, at + sizeof record + v * sizeof version, sizeof version);
            patch.versions.push_back({version.q, version.bit_depth, version.lossy_bpsp,
                                      reinterpret_cast<const uint16_t*>(at + data)});
            data += samples * sizeof(uint16_t);
        }
        patch.image = at + data;
        patches_.push_back(std::move(patch));
        records_.emplace_back(at, entry.size);
        checksums_.push_back(entry.checksum);
    }
}

Shard::~Shard() {
    if (mapping_) munmap(mapping_, size_);
}

void Shard::verify(size_t i) const {
    if (XXH3_64bits(records_[i].data(), records_[i].size()) != checksums_[i])
        throw std::runtime_error(path_ + ": patch " + std::to_string(i) +
                                 " is damaged; delete the shard and prepare again");
}

PatchSet::PatchSet(const std::vector<std::string>& paths, uint64_t hold_out_every)
    : hold_out_every_(hold_out_every) {
    std::set<uint64_t> photos;
    for (const auto& path : paths) {
        shards_.push_back(std::make_unique<Shard>(path));
        for (size_t i = 0; i < shards_.back()->patches().size(); ++i) {
            all_.push_back({shards_.back().get(), i});
            photos.insert(all_.back().patch().photo);
        }
    }
    if (all_.empty()) throw std::runtime_error("the shards hold no patch");
    const auto is_out = [&](uint64_t photo) { return is_held_out(photo); };
    if (photos.size() > 1 && std::none_of(photos.begin(), photos.end(), is_out)) extra_ = *photos.begin();
}

std::vector<PatchReference> PatchSet::chosen(bool held_out) const {
    std::vector<PatchReference> result;
    for (const PatchReference& reference : all_)
        if (is_held_out(reference.patch().photo) == held_out) result.push_back(reference);
    return result;
}

std::set<uint64_t> PatchSet::held_out_photos() const {
    std::set<uint64_t> photos;
    for (const PatchReference& reference : held_out()) photos.insert(reference.patch().photo);
    return photos;
}

std::vector<std::string> find_shards(const std::string& folder) {
    std::vector<std::string> paths;
    if (std::filesystem::is_directory(folder))
        for (const auto& entry : std::filesystem::directory_iterator(folder))
            if (entry.path().extension() == ".shard") paths.push_back(entry.path().string());
    if (paths.empty())
        throw std::runtime_error(folder + " holds no shards; `residua-train prepare` makes them");
    std::sort(paths.begin(), paths.end());
    return paths;
}

}  // namespace residua::train
