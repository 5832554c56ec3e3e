#include "data/prepare.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "data/codec.h"
#include "data/photo.h"
#include "data/shard.h"

namespace residua::train {

namespace {

// A photograph's variant with its random choices.
struct Job {
    std::string photo;
    uint64_t id;  // Patch::photo
    double scale;
    double x, y;                         // of the window, 0…1 of what is free
    std::vector<LossyVersion> versions;  // q and bit_depth
};

// A shard that is to be made. The last of its jobs to end writes it.
struct Plan {
    std::string path;
    std::vector<Job> jobs;
    struct Patches {
        std::vector<Patch> patches;
        std::deque<std::vector<uint8_t>> images;
        std::deque<std::vector<uint16_t>> fine;
    };
    std::vector<Patches> made;  // by job
    std::atomic<size_t> left{0};
};

double unit(uint64_t hash) { return static_cast<double>(hash >> 11) / static_cast<double>(1ull << 53); }

std::string name_and_size(const std::string& photo) {
    const auto path = std::filesystem::path(photo);
    return path.filename().string() + "/" + std::to_string(std::filesystem::file_size(path));
}

Job make_job(const std::string& photo, int variant, const PrepareSettings& settings) {
    const std::string name = name_and_size(photo);
    const std::string key = name + "/" + std::to_string(variant) + "/" + std::to_string(settings.seed);
    Job job{photo, hash_of(name), 1, unit(hash_of(key + "/x")), unit(hash_of(key + "/y")), {}};
    job.scale =
        settings.scale_low + unit(hash_of(key + "/scale")) * (settings.scale_high - settings.scale_low);
    for (const int depth : settings.lossy_layer ? settings.bit_depths : std::vector<int>{}) {
        // `qualities` different ones, as dealt from shuffled cards.
        std::vector<int> choices;
        for (int q = settings.q_low; q <= settings.q_high; ++q) choices.push_back(q);
        for (int i = 0; i < settings.qualities && !choices.empty(); ++i) {
            const std::string card = key + "/q" + std::to_string(depth) + "/" + std::to_string(i);
            const auto at = choices.begin() + static_cast<ptrdiff_t>(hash_of(card) % choices.size());
            LossyVersion version;
            version.q = *at;
            version.bit_depth = depth;
            job.versions.push_back(version);
            choices.erase(at);
        }
    }
    return job;
}

// Where patches start along a side: as many as it has room for, rounded, evenly from end to end.
std::vector<int> cuts(int side, int patch) {
    if (side <= patch) return {0};
    const int count = std::max(1, (side + patch / 2) / patch);
    if (count == 1) return {(side - patch) / 2};
    std::vector<int> starts;
    for (int i = 0; i < count; ++i)
        starts.push_back(static_cast<int>(static_cast<int64_t>(side - patch) * i / (count - 1)));
    return starts;
}

template <typename Sample>
std::vector<Sample> cut(const Sample* picture, int stride, int x0, int y0, int width, int height) {
    std::vector<Sample> result;
    result.reserve(3 * static_cast<size_t>(width) * static_cast<size_t>(height));
    for (int y = 0; y < height; ++y) {
        const Sample* row = picture + 3 * (static_cast<ptrdiff_t>(y0 + y) * stride + x0);
        result.insert(result.end(), row, row + 3 * width);
    }
    return result;
}

Photo window_of(Photo photo, const Job& job, int window) {
    if (window == 0 || (photo.width <= window && photo.height <= window)) return photo;
    Photo part;
    part.width = std::min(photo.width, window);
    part.height = std::min(photo.height, window);
    const int x = static_cast<int>(job.x * (photo.width - part.width + 1));
    const int y = static_cast<int>(job.y * (photo.height - part.height + 1));
    part.rgb = cut(photo.rgb.data(), photo.width, x, y, part.width, part.height);
    return part;
}

Plan::Patches make_patches(residua::context& context, const Job& job, const PrepareSettings& settings) {
    const Photo photo = window_of(load_photo(job.photo, job.scale), job, settings.window);
    const residua_image image = rgb_image(photo.rgb.data(), photo.width, photo.height);
    std::vector<LossyVersion> versions = job.versions;
    std::vector<std::vector<uint16_t>> lossy;
    for (LossyVersion& version : versions) {
        uint64_t bytes = 0;
        lossy.push_back(residua::research::lossy_layer_fine(context, image, version.q, version.bit_depth,
                                                            settings.effort, &bytes));
        version.lossy_bpsp =
            static_cast<float>(8.0 * static_cast<double>(bytes) / static_cast<double>(photo.rgb.size()));
    }
    Plan::Patches made;
    const int width = std::min(settings.patch, photo.width), height = std::min(settings.patch, photo.height);
    for (const int y : cuts(photo.height, settings.patch)) {
        for (const int x : cuts(photo.width, settings.patch)) {
            made.images.push_back(cut(photo.rgb.data(), photo.width, x, y, width, height));
            Patch patch = {job.id, width, height, made.images.back().data(), versions};
            for (size_t v = 0; v < versions.size(); ++v) {
                made.fine.push_back(cut(lossy[v].data(), photo.width, x, y, width, height));
                patch.versions[v].fine = made.fine.back().data();
            }
            made.patches.push_back(std::move(patch));
        }
    }
    return made;
}

// About what the job's patches will take.
double expected_bytes(const Job& job, const PrepareSettings& settings) {
    const auto [width, height] = photo_size(job.photo);
    const auto side = [&](int length) {
        int scaled = std::max(1, static_cast<int>(std::lround(length * job.scale)));
        if (settings.window) scaled = std::min(scaled, settings.window);
        return static_cast<double>(cuts(scaled, settings.patch).size()) * std::min(scaled, settings.patch);
    };
    return side(width) * side(height) * (3 + 6 * static_cast<double>(job.versions.size()));
}

std::deque<Plan> make_plans(const std::string& folder, const std::string& out,
                            const PrepareSettings& settings) {
    std::ostringstream common;
    common << settings.lossy_layer << ' ' << settings.scale_low << ' ' << settings.scale_high << ' '
           << settings.q_low << ' ' << settings.q_high << ' ' << settings.qualities << ' ' << settings.effort
           << ' ' << settings.window << ' ' << settings.patch << ' ' << settings.seed;
    std::deque<Plan> plans;
    std::string key;
    double bytes = 0;
    const auto close = [&] {
        if (plans.empty()) return;
        char name[48];
        std::snprintf(name, sizeof name, "/%05zu-%016llx.shard", plans.size() - 1,
                      static_cast<unsigned long long>(hash_of(common.str() + key)));
        plans.back().path = out + name;
        key.clear();
        bytes = 0;
    };
    for (const auto& photo : list_photos(folder)) {
        for (int variant = 0; variant < settings.variants; ++variant) {
            Job job = make_job(photo, variant, settings);
            double size = 0;
            try {
                size = expected_bytes(job, settings);
            } catch (const std::runtime_error& error) {
                std::cerr << "skipped " << photo << ": " << error.what() << "\n";
                break;
            }
            if (plans.empty() || bytes + size > settings.shard_mib * 1048576.0) {
                close();
                plans.emplace_back();
            }
            bytes += size;
            key += std::to_string(job.id) + "/" + std::to_string(variant);
            for (const LossyVersion& version : job.versions)
                key.append(" ")
                    .append(std::to_string(version.bit_depth))
                    .append(".")
                    .append(std::to_string(version.q));
            key += '\n';
            plans.back().jobs.push_back(std::move(job));
        }
    }
    close();
    return plans;
}

void write(Plan& plan) {
    ShardWriter writer(plan.path);
    for (const Plan::Patches& made : plan.made)
        for (const Patch& patch : made.patches) writer.add(patch);
    writer.finish();
    plan.made.clear();
}

void check(const PrepareSettings& settings) {
    if (!(settings.scale_low > 0 && settings.scale_low <= settings.scale_high && settings.scale_high <= 1))
        throw std::runtime_error("downscaling factors must be above 0 and at most 1, the lower one first");
    if (settings.q_low > settings.q_high) throw std::runtime_error("the lowest Q is above the highest");
    if (settings.window < 0 || settings.patch < 16 || settings.variants < 1 || settings.qualities < 1 ||
        settings.shard_mib < 1)
        throw std::runtime_error("patches need 16 pixels at least, variants, Q and MiB 1 at least");
}

}  // namespace

std::vector<std::string> prepare_shards(const std::string& folder, const std::string& out,
                                        const PrepareSettings& settings, bool quiet) {
    check(settings);
    std::filesystem::create_directories(out);
    std::deque<Plan> plans = make_plans(folder, out, settings);
    std::vector<std::pair<Plan*, size_t>> todo;
    for (Plan& plan : plans) {
        if (std::filesystem::exists(plan.path)) continue;
        plan.made.resize(plan.jobs.size());
        plan.left = plan.jobs.size();
        for (size_t i = 0; i < plan.jobs.size(); ++i) todo.emplace_back(&plan, i);
    }

    std::atomic<size_t> next{0};
    std::mutex mutex;
    std::string first_error;
    size_t done = 0;
    bool failed = false;
    const auto start = std::chrono::steady_clock::now();
    const auto work = [&] {
        residua_settings context_settings = RESIDUA_INIT(residua_settings);
        context_settings.threads = 1;
        residua::context context(context_settings);
        for (size_t i; (i = next++) < todo.size();) {
            auto& [plan, job] = todo[i];
            std::string error;
            try {
                plan->made[job] = make_patches(context, plan->jobs[job], settings);
            } catch (const std::exception& caught) {
                error = plan->jobs[job].photo + ": " + caught.what();
            }
            if (--plan->left == 0) {
                try {
                    write(*plan);
                } catch (
                    const std::exception& caught) {  // no photograph's fault: nothing more can be written
                    const std::lock_guard lock(mutex);
                    first_error = caught.what();
                    failed = true;
                    next = todo.size();
                    return;
                }
            }
            const std::lock_guard lock(mutex);
            if (!error.empty()) {
                std::cerr << "skipped " << error << "\n";
                if (first_error.empty()) first_error = error;
            }
            ++done;
            if (quiet || (done % 50 != 0 && done != todo.size())) continue;
            const double seconds =
                std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
            std::fprintf(stderr, "prepared %zu of %zu pictures, %.0f minutes left\n", done, todo.size(),
                         seconds / static_cast<double>(done) * static_cast<double>(todo.size() - done) / 60);
        }
    };
    const auto cores = std::max(1u, std::thread::hardware_concurrency());
    const size_t workers =
        std::min<size_t>(settings.workers > 0 ? static_cast<size_t>(settings.workers) : cores, todo.size());
    std::vector<std::thread> threads;
    for (size_t i = 1; i < workers; ++i) threads.emplace_back(work);
    if (workers > 0) work();
    for (auto& thread : threads) thread.join();
    if (failed) throw std::runtime_error(first_error);

    std::vector<std::string> paths;
    size_t patches = 0;
    for (const Plan& plan : plans) {
        paths.push_back(plan.path);
        patches += Shard(plan.path).patches().size();
    }
    if (patches == 0)
        throw std::runtime_error("no patch could be made" + (first_error.empty() ? "" : ": " + first_error));
    return paths;
}

uint64_t photo_identity(const std::string& path) { return hash_of(name_and_size(path)); }

void verify_shards(const std::vector<std::string>& paths) {
    for (const auto& path : paths) {
        const Shard shard(path);
        for (size_t i = 0; i < shard.patches().size(); ++i) shard.verify(i);
    }
}

}  // namespace residua::train
