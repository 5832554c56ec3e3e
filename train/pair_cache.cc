#include "pair_cache.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <mutex>
#include <residua/residua.hpp>
#include <stdexcept>
#include <thread>

#include "photo.h"

namespace residua::train {

namespace {

struct PairHeader {
    char magic[8] = {'R', 'S', 'D', 'P', 'A', 'I', 'R', '2'};
    int32_t width = 0, height = 0, q = 0, bit_depth = 0;  // of the lossy layer; 0: there is none
    uint64_t bpg_bytes = 0;
};

uint64_t name_hash(const std::string& text) {  // FNV-1a: only spreads names, guards nothing
    uint64_t hash = 1469598103934665603ull;
    for (char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 1099511628211ull;
    return hash;
}

// A photograph's variant: its random choices and where its pair lies.
struct Job {
    std::string photo;
    std::string pair;
    double scale;
    int q;
};

Job plan(const std::string& photo, const std::string& cache, int variant, const PairSettings& settings) {
    const auto path = std::filesystem::path(photo);
    const std::string key = path.filename().string() + "/" +
                            std::to_string(std::filesystem::file_size(path)) + "/" + std::to_string(variant) +
                            "/" + std::to_string(settings.seed) + "/" + std::to_string(settings.scale_low) +
                            "-" + std::to_string(settings.scale_high);
    const uint64_t hash = name_hash(key);
    const double u = static_cast<double>(hash >> 11) / static_cast<double>(1ull << 53);
    Job job;
    job.photo = photo;
    job.scale = settings.scale_low + u * (settings.scale_high - settings.scale_low);
    const auto choices = static_cast<uint64_t>(settings.q_high - settings.q_low + 1);
    job.q = settings.q_low + static_cast<int>((name_hash(key + "/q") >> 20) % choices);
    char name[64];
    if (!settings.lossy_layer)
        std::snprintf(name, sizeof name, "%016llx-picture.pair", static_cast<unsigned long long>(hash));
    else
        std::snprintf(name, sizeof name, "%016llx-q%d-d%d-e%d.pair", static_cast<unsigned long long>(hash),
                      job.q, settings.bit_depth, settings.effort);
    job.pair = cache + "/" + name;
    return job;
}

void make_pair(residua::context& context, const Job& job, const PairSettings& settings) {
    const Photo photo = load_photo(job.photo, job.scale);
    residua_image image = {};
    image.pixels = const_cast<uint8_t*>(photo.rgb.data());
    image.width = static_cast<uint32_t>(photo.width);
    image.height = static_cast<uint32_t>(photo.height);
    image.channels = 3;
    PairHeader header;
    header.width = photo.width;
    header.height = photo.height;
    std::vector<uint16_t> fine;
    if (settings.lossy_layer) {
        header.q = job.q;
        header.bit_depth = settings.bit_depth;
        fine = context.lossy_layer_fine(image, job.q, settings.bit_depth, settings.effort, &header.bpg_bytes);
    }
    const std::string temporary = job.pair + ".tmp";
    {
        std::ofstream file(temporary, std::ios::binary);
        file.write(reinterpret_cast<const char*>(&header), sizeof header);
        file.write(reinterpret_cast<const char*>(fine.data()),
                   static_cast<std::streamsize>(fine.size() * sizeof fine[0]));
        file.write(reinterpret_cast<const char*>(photo.rgb.data()),
                   static_cast<std::streamsize>(photo.rgb.size()));
        file.flush();
        if (!file) throw std::runtime_error(temporary + ": cannot be written; is the disk full?");
    }
    std::filesystem::rename(temporary, job.pair);
}

}  // namespace

Pair::Pair(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status = {};
    if (file < 0 || fstat(file, &status) != 0) {
        if (file >= 0) close(file);
        throw std::runtime_error(path + ": cannot be opened");
    }
    size_ = static_cast<size_t>(status.st_size);
    mapping_ = mmap(nullptr, size_, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    PairHeader header;
    const PairHeader expected;
    bool good = mapping_ != MAP_FAILED && size_ >= sizeof header;
    if (good) {
        std::memcpy(&header, mapping_, sizeof header);
        good = std::memcmp(header.magic, expected.magic, sizeof header.magic) == 0 && header.width > 0 &&
               header.height > 0 &&
               size_ == sizeof header + (header.bit_depth ? 9u : 3u) * static_cast<size_t>(header.width) *
                                            static_cast<size_t>(header.height);
    }
    if (!good) {
        if (mapping_ != MAP_FAILED) munmap(mapping_, size_);
        throw std::runtime_error(path + ": is not a whole pair file; delete it, it will be made anew");
    }
    width_ = header.width;
    height_ = header.height;
    q_ = header.q;
    bpg_bytes_ = header.bpg_bytes;
    const uint8_t* data = static_cast<const uint8_t*>(mapping_) + sizeof header;
    pixels_ = data;
    if (header.bit_depth == 0) return;
    fine_ = reinterpret_cast<const uint16_t*>(data);
    pixels_ += 6 * static_cast<size_t>(width_) * static_cast<size_t>(height_);
}

std::vector<std::unique_ptr<Pair>> open_pairs(const std::string& cache) {
    std::vector<std::string> paths;
    if (std::filesystem::is_directory(cache))
        for (const auto& entry : std::filesystem::directory_iterator(cache))
            if (entry.path().extension() == ".pair") paths.push_back(entry.path().string());
    if (paths.empty()) throw std::runtime_error(cache + " holds no pairs");
    std::sort(paths.begin(), paths.end());
    std::vector<std::unique_ptr<Pair>> pairs;
    for (const auto& path : paths) pairs.push_back(std::make_unique<Pair>(path));
    return pairs;
}

Pair::~Pair() { munmap(mapping_, size_); }

std::vector<std::unique_ptr<Pair>> prepare_pairs(const std::string& folder, const std::string& cache,
                                                 const PairSettings& settings, bool quiet) {
    std::filesystem::create_directories(cache);
    std::vector<Job> jobs;
    for (const auto& photo : list_photos(folder))
        for (int variant = 0; variant < settings.variants; ++variant)
            jobs.push_back(plan(photo, cache, variant, settings));

    std::vector<const Job*> missing;
    for (const auto& job : jobs)
        if (!std::filesystem::exists(job.pair)) missing.push_back(&job);
    std::atomic<size_t> next{0}, done{0};
    std::mutex mutex;
    std::string first_error;
    auto work = [&] {
        residua_settings context_settings = {};
        context_settings.threads = 1;
        residua::context context(context_settings);
        for (size_t i; (i = next++) < missing.size();) {
            try {
                make_pair(context, *missing[i], settings);
            } catch (const std::exception& error) {
                std::lock_guard lock(mutex);
                std::cerr << "skipped " << missing[i]->photo << ": " << error.what() << "\n";
                if (first_error.empty()) first_error = error.what();
            }
            const size_t count = ++done;
            if (!quiet && (count % 50 == 0 || count == missing.size())) {
                std::lock_guard lock(mutex);
                std::cerr << "prepared " << count << " of " << missing.size() << " pairs\n";
            }
        }
    };
    std::vector<std::thread> workers;
    for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i) workers.emplace_back(work);
    work();
    for (auto& worker : workers) worker.join();

    std::vector<std::unique_ptr<Pair>> pairs;
    for (const auto& job : jobs)
        if (std::filesystem::exists(job.pair)) pairs.push_back(std::make_unique<Pair>(job.pair));
    if (pairs.empty()) throw std::runtime_error("no pair could be made: " + first_error);
    return pairs;
}

}  // namespace residua::train
