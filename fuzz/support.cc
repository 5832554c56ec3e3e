#include "support.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

namespace residua::fuzz {

namespace {

// None before the first action: what make_corpus does may take as long as it likes.
std::optional<std::chrono::steady_clock::time_point> action_began;

int cancel_when_late(void*, double) {
    if (!action_began) return 0;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - *action_began;
    return took.count() > kSeconds;
}

}  // namespace

residua_settings make_settings() {
    residua_settings settings = RESIDUA_INIT(residua_settings);
    settings.threads = 1;
    settings.memory_limit = kMemoryLimit;
    settings.progress = cancel_when_late;
    return settings;
}

context make_context() {
    static const auto models = [] {
        std::vector<std::vector<uint8_t>> all;
        for (const std::string& path : golden_files(".rsm")) all.push_back(read_bytes(path));
        return all;
    }();
    context made(make_settings());
    for (const auto& model : models) made.add_model(model.data(), model.size());
    return made;
}

void may_fail(const std::function<void()>& action) {
    action_began = std::chrono::steady_clock::now();
    try {
        action();
    } catch (const error& failure) {
        if (failure.status() == RESIDUA_CANCELLED) return;
        if (failure.status() == RESIDUA_INTERNAL) finding(std::string("internal: ") + failure.what());
        if (std::string(failure.what()).size() < 10) finding("an error without a sentence");
    }
}

void finding(const std::string& what) {
    std::fprintf(stderr, "finding: %s\n", what.c_str());
    std::abort();
}

residua_image picture_of(const std::vector<uint8_t>& pixels, uint32_t width, uint32_t height,
                         uint32_t channels) {
    residua_image picture = RESIDUA_INIT(residua_image);
    picture.pixels = const_cast<uint8_t*>(pixels.data());  // encoding only reads them
    picture.width = width;
    picture.height = height;
    picture.colour = channels == 1 ? RESIDUA_COLOUR_GREY : RESIDUA_COLOUR_RGB;
    return picture;
}

void look_at(const residua_image& picture) {
    static volatile unsigned sum;
    const size_t row = size_t{picture.width} * channels(picture);
    for (uint32_t y = 0; y < picture.height; ++y)
        for (size_t i = 0; i < row; ++i)
            sum = sum + static_cast<const uint8_t*>(picture.pixels)[y * picture.stride + i];
}

std::vector<uint8_t> read_bytes(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) finding("cannot read " + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> golden_files(const std::string& extension) {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(RESIDUA_GOLDEN_FOLDER))
        if (entry.path().extension() == extension) paths.push_back(entry.path().string());
    std::ranges::sort(paths);
    return paths;
}

}  // namespace residua::fuzz
