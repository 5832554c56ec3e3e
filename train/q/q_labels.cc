#include "q/q_labels.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <residua/research.hpp>
#include <stdexcept>
#include <thread>

#include "data/codec.h"

namespace residua::train {

namespace {

using Json = nlohmann::json;

// A picture's name in the file: whatever shard it came from, the same pixels have the same sizes.
std::string identity(const Patch& patch) {
    const std::string pixels(reinterpret_cast<const char*>(patch.image), 3 * patch.area());
    return hash_text(hash_of(std::to_string(patch.width) + "x" + std::to_string(patch.height) + pixels));
}

std::string line_of(const std::string& picture, const QSizes& sizes) {
    Json line = {{"picture", picture}, {"sizes", sizes}};
    line["check"] = hash_text(hash_of(line.dump()));
    return line.dump();
}

// Nothing for a line that is torn or damaged.
std::optional<std::pair<std::string, QSizes>> parse_line(const std::string& text, int classes) {
    Json line = Json::parse(text, nullptr, false);
    if (!line.is_object() || !line.contains("check")) return {};
    const Json check = line["check"];
    line.erase("check");
    if (check != hash_text(hash_of(line.dump()))) return {};
    QSizes sizes = line.at("sizes").get<QSizes>();
    if (sizes.size() != static_cast<size_t>(classes)) return {};
    return std::pair(line.at("picture").get<std::string>(), std::move(sizes));
}

residua_adaptation adaptation_of(const QLabelSettings& settings) {
    if (!settings.adaptation) return RESIDUA_ADAPTATION_DEFAULT;
    return *settings.adaptation ? RESIDUA_ADAPTATION_ON : RESIDUA_ADAPTATION_OFF;
}

// Without a file, the one that the codec takes itself: a small file says which.
residua_model_info find_model(residua::context& context, const QLabelSettings& settings) {
    if (!settings.model.empty()) return add_model_file(context, settings.model);
    std::array<uint8_t, 8 * 8 * 3> pixels = {};
    const residua_image image = rgb_image(pixels.data(), 8, 8);
    residua::research::encode_options options;
    options.codec = "rc";
    options.effort = 1;
    options.adaptation = adaptation_of(settings);
    const auto file = context.encode(image, options);
    const uint64_t hash = context.inspect(file.data(), file.size()).model_hash;
    for (const residua_model_info& info : context.models())
        if (info.hash == hash) return info;
    throw std::logic_error("a file was made with a model that is not there");
}

class Labeller {
  public:
    explicit Labeller(const QLabelSettings& settings) : settings_(settings), context_(make_context()) {
        const residua_model_info info = find_model(context_, settings);
        if (std::string(info.codec) != "rc")
            throw std::runtime_error(settings.model + " has no lossy layer whose Q could be chosen");
        model_ = hash_text(info.hash);
        const residua_research_model_info defaults = residua::research::model(context_, info.hash);
        bit_depth_ = defaults.default_bit_depth;
        fixed_q_ = defaults.default_q;
        adapts_ = settings.adaptation.value_or(defaults.default_adaptation == RESIDUA_ADAPTATION_ON);
    }

    QSizes sizes(const Patch& patch) {
        const residua_image image = rgb_image(patch.image, patch.width, patch.height);
        residua::research::encode_options options;
        options.model = model_.c_str();
        options.bit_depth = bit_depth_;
        options.effort = settings_.effort;
        options.proof = RESIDUA_PROOF_FAST;
        options.tau = RESIDUA_TAU_OFF;
        options.adaptation = adapts_ ? RESIDUA_ADAPTATION_ON : RESIDUA_ADAPTATION_OFF;
        QSizes sizes;
        for (int i = 0; i < settings_.range.classes; ++i) {
            options.q = settings_.range.first + i;
            sizes.push_back(static_cast<uint32_t>(context_.encode(image, options).size()));
        }
        return sizes;
    }

    int fixed_q() const { return fixed_q_; }

    // Names what the sizes depend on.
    std::string file_name() const {
        const std::string key = model_ + " " + std::to_string(bit_depth_) + " " +
                                std::to_string(settings_.effort) + " " +
                                std::to_string(settings_.range.first) + " " +
                                std::to_string(settings_.range.classes) + (adapts_ ? " adaptive" : "");
        return "labels-" + hash_text(hash_of(key)) + ".jsonl";
    }

  private:
    static residua::context make_context() {
        residua_settings settings = RESIDUA_INIT(residua_settings);
        settings.threads = 1;
        return residua::context(settings);
    }

    const QLabelSettings& settings_;
    residua::context context_;
    std::string model_;
    int bit_depth_ = 0, fixed_q_ = 0;
    bool adapts_ = true;
};

// A file that ends in a torn line goes on behind a line end.
void end_last_line(const std::string& path) {
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    if (!in || in.tellg() == 0) return;
    in.seekg(-1, std::ios::end);
    if (in.get() != '\n') std::ofstream(path, std::ios::app) << "\n";
}

}  // namespace

QLabelSettings with_range(QLabelSettings settings) {
    if (settings.fixed_q != 0) return settings;
    const int fixed = settings.fixed_q = Labeller(settings).fixed_q();
    QRange& range = settings.range;
    if (range.first == 0) range.first = std::clamp(fixed - range.classes / 2, 1, 52 - range.classes);
    if (fixed < range.first || fixed >= range.first + range.classes)
        throw std::runtime_error("the model's default Q, " + std::to_string(fixed) +
                                 ", is not among those to choose from, " + std::to_string(range.first) +
                                 " to " + std::to_string(range.q(static_cast<size_t>(range.classes) - 1)) +
                                 ": choose others by --q-low and --classes");
    return settings;
}

size_t best_class(const QSizes& sizes) {
    return static_cast<size_t>(std::min_element(sizes.begin(), sizes.end()) - sizes.begin());
}

std::vector<QSizes> label_patches(const std::vector<PatchReference>& patches, const std::string& folder,
                                  const QLabelSettings& settings, bool quiet) {
    std::filesystem::create_directories(folder);
    const std::string path = folder + "/" + Labeller(settings).file_name();
    std::map<std::string, QSizes> known;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);)
        if (auto label = parse_line(line, settings.range.classes)) known.insert(std::move(*label));
    end_last_line(path);

    std::vector<std::string> names;
    std::vector<size_t> todo;
    for (size_t i = 0; i < patches.size(); ++i) {
        patches[i].shard->verify(patches[i].index);
        names.push_back(identity(patches[i].patch()));
        if (!known.count(names[i])) todo.push_back(i);
    }
    std::ofstream out(path, std::ios::app);
    std::atomic<size_t> next{0};
    std::mutex mutex;
    std::exception_ptr failure;
    size_t done = 0;
    const auto start = std::chrono::steady_clock::now();
    const auto work = [&] {
        try {
            Labeller labeller(settings);
            for (size_t n; (n = next++) < todo.size();) {
                const size_t i = todo[n];
                QSizes sizes = labeller.sizes(patches[i].patch());
                const std::lock_guard lock(mutex);
                out << line_of(names[i], sizes) << std::endl;
                if (!out) throw std::runtime_error(path + ": cannot be written");
                known[names[i]] = std::move(sizes);
                ++done;
                if (quiet || (done % 50 != 0 && done != todo.size())) continue;
                const double seconds =
                    std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
                std::fprintf(
                    stderr, "labelled %zu of %zu pictures, %.0f minutes left\n", done, todo.size(),
                    seconds / static_cast<double>(done) * static_cast<double>(todo.size() - done) / 60);
            }
        } catch (...) {
            const std::lock_guard lock(mutex);
            if (!failure) failure = std::current_exception();
            next = todo.size();
        }
    };
    const size_t cores = std::max(1u, std::thread::hardware_concurrency());
    const size_t workers =
        std::min(settings.workers > 0 ? static_cast<size_t>(settings.workers) : cores, todo.size());
    std::vector<std::thread> threads;
    for (size_t i = 1; i < workers; ++i) threads.emplace_back(work);
    if (workers > 0) work();
    for (auto& thread : threads) thread.join();
    if (failure) std::rethrow_exception(failure);

    std::vector<QSizes> labels;
    for (const auto& name : names) labels.push_back(known.at(name));
    return labels;
}

}  // namespace residua::train
