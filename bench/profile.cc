// Where the time of a picture goes, stage by stage: where to begin when something is to be faster.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <residua/residua.hpp>
#include <string>
#include <vector>

#include "image_io/image.h"
#include "stage_table.h"

namespace {

struct Options {
    std::string picture, codec, model;
    int effort = 5, threads = 1;
    double seconds = 1;
    bool pixels = false;
};

std::vector<uint8_t> read_file(residua::context& context, const std::string& path) {
    const residua::buffer bytes = context.read_file(path);
    const auto* data = static_cast<const uint8_t*>(bytes.data());
    return {data, data + bytes.size()};
}

void show(const char* what, const residua::bench::Profile& profile, size_t from, size_t to) {
    std::printf("\n%s: %zu -> %zu bytes, %.4f s of processors, %.4f s elapsed, mean of %d\n", what, from, to,
                profile.seconds, profile.elapsed, profile.runs);
    std::fputs(residua::bench::table(profile).c_str(), stdout);
}

void profile_jpeg(const Options& options, residua::context& context, const std::vector<uint8_t>& bytes,
                  const residua_encode_options& settings) {
    residua::buffer file;
    const auto encode = residua::bench::profile(
        [&] { file = context.jpeg_encode(bytes.data(), bytes.size(), settings); }, options.seconds);
    show("encode (JPEG)", encode, bytes.size(), file.size());
    const auto decode =
        residua::bench::profile([&] { context.jpeg_decode(file.data(), file.size()); }, options.seconds);
    show("decode (JPEG)", decode, file.size(), bytes.size());
}

void profile_pixels(const Options& options, residua::context& context, const image_io::Image& picture,
                    const residua_encode_options& settings) {
    residua_image view = RESIDUA_INIT(residua_image);
    view.pixels = const_cast<uint8_t*>(picture.pixels.data());
    view.width = picture.width;
    view.height = picture.height;
    view.colour = static_cast<uint32_t>(picture.colour);
    view.alpha = picture.alpha;
    view.bits = picture.bits;
    residua::buffer file;
    const auto encode =
        residua::bench::profile([&] { file = context.encode(view, settings); }, options.seconds);
    show("encode", encode, picture.pixels.size(), file.size());
    const auto decode =
        residua::bench::profile([&] { context.decode(file.data(), file.size()); }, options.seconds);
    show("decode", decode, file.size(), picture.pixels.size());
}

int run(const Options& options) {
    residua_settings settings = RESIDUA_INIT(residua_settings);
    settings.threads = static_cast<size_t>(options.threads);
    residua::context context(settings);
    residua_encode_options encode = RESIDUA_INIT(residua_encode_options);
    if (!options.codec.empty()) encode.codec = options.codec.c_str();
    if (!options.model.empty()) encode.model = options.model.c_str();
    encode.effort = options.effort;
    const std::vector<uint8_t> bytes = read_file(context, options.picture);
    image_io::MemorySource source(bytes);
    std::printf("%s, effort %d, %d thread%s, %s\n",
                options.codec.empty() ? "default codec" : options.codec.c_str(), options.effort,
                options.threads, options.threads == 1 ? "" : "s", residua_cpu());
    if (!options.pixels && options.codec.empty() && options.model.empty() && image_io::begins_as_jpeg(source))
        profile_jpeg(options, context, bytes, encode);
    else
        profile_pixels(options, context, image_io::read(source, UINT64_MAX), encode);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("Where the time of a picture goes, stage by stage, to encode and to decode it");
    app.add_option("PICTURE", options.picture, "A picture that `residua encode` reads")->required();
    app.add_option("--effort", options.effort, "As that of `residua encode`")->check(CLI::Range(1, 9));
    app.add_option("--codec", options.codec, "rc, l3c or olm");
    app.add_option("--model", options.model, "By name or hash");
    app.add_option("--threads", options.threads, "Shares are clearest with one")->check(CLI::Range(1, 256));
    app.add_option("--seconds", options.seconds,
                   "Of processors, at least, that each direction is repeated for");
    app.add_flag("--jpeg-pixels", options.pixels, "Of a JPEG file: its pixels instead of its bytes");
    CLI11_PARSE(app, argc, argv);
    try {
        return run(options);
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "profile: %s: %s\n", options.picture.c_str(), failure.what());
        return 1;
    }
}
