// residua sample: what a model imagines, given the coarse part of a picture.
#include <algorithm>
#include <cstdlib>
#include <residua/research.hpp>

#include "app.h"
#include "picture.h"

namespace tool {

namespace {

int largest(const std::vector<int>& residual) {
    int size = 1;
    for (const int value : residual) size = std::max(size, std::abs(value));
    return size;
}

std::vector<int> difference(const residua_image& picture, const residua_image& reference) {
    const size_t row = size_t{picture.width} * residua::channels(picture);
    const auto stride = [row](const residua_image& image) { return image.stride ? image.stride : row; };
    std::vector<int> samples;
    samples.reserve(row * picture.height);
    for (uint32_t y = 0; y < picture.height; ++y) {
        const uint8_t* a = static_cast<const uint8_t*>(picture.pixels) + y * stride(picture);
        const uint8_t* b = static_cast<const uint8_t*>(reference.pixels) + y * stride(reference);
        for (size_t i = 0; i < row; ++i) samples.push_back(a[i] - b[i]);
    }
    return samples;
}

// As in Figure 5 of RC's paper: -range … range stretched to 0 … 255, and white instead of grey where all
// channels are 0.
std::vector<uint8_t> shown(const std::vector<int>& residual, size_t channels, int range) {
    std::vector<uint8_t> samples;
    samples.reserve(residual.size());
    for (size_t pixel = 0; pixel < residual.size(); pixel += channels) {
        const auto first = residual.begin() + static_cast<ptrdiff_t>(pixel);
        const bool zero =
            std::all_of(first, first + static_cast<ptrdiff_t>(channels), [](int r) { return r == 0; });
        for (size_t c = 0; c < channels; ++c)
            samples.push_back(static_cast<uint8_t>(
                zero ? 255
                     : std::clamp((255 * (residual[pixel + c] + range) + range) / (2 * range), 0, 255)));
    }
    return samples;
}

void write_residual(App& app, const residua_image& of, const std::vector<int>& residual, int range,
                    const std::string& output) {
    std::vector<uint8_t> samples = shown(residual, residua::channels(of), range);
    residua_image image = RESIDUA_INIT(residua_image);
    image.pixels = samples.data();
    image.width = of.width;
    image.height = of.height;
    image.bits = of.bits;
    image.colour = of.colour;
    write_image(app, image, output);
}

class Sampler {
  public:
    Sampler(App& app, const std::string& path) : app_(app), path_(path), image_(app.read_image(path)) {
        const Options& options = app.options();
        // As the library does for samples; the file that says what they are of must be of the same codec.
        const bool any = options.codec.empty() && options.model.empty();
        const char* usual = residua_codec_can_encode("rc") ? "rc" : "l3c";
        settings_.codec = any ? usual : options.codec.empty() ? nullptr : options.codec.c_str();
        settings_.model = options.model.empty() ? nullptr : options.model.c_str();
        settings_.q = options.q;
        settings_.bit_depth = options.bit_depth;
        settings_.effort = options.effort;
        settings_.seed = options.seed;
    }

    void run() {
        // The file says which codec the model is for, how many scales it has, and what the lossy layer is.
        residua::research::encode_options encoding;
        encoding.codec = settings_.codec;
        encoding.model = settings_.model;
        encoding.q = settings_.q;
        encoding.bit_depth = settings_.bit_depth;
        encoding.effort = settings_.effort;
        encoding.proof = RESIDUA_PROOF_FAST;
        encoding.adaptation = RESIDUA_ADAPTATION_OFF;  // as a sample is drawn
        const residua::buffer file = app_.context().encode(view_of(image_), encoding);
        const residua_research_info info =
            residua::research::inspect(app_.context(), file.data(), file.size());
        if (info.latent_count > 0)
            draw_scales(static_cast<int>(info.latent_count));
        else
            draw_residual(file);
    }

  private:
    std::string output(const std::string& what) const {
        std::string path = app_.stem_output_path(path_, "." + what + extension_of(app_.options()));
        format_of(app_.options(), path);
        return path;
    }
    residua::image draw(int kept) {
        settings_.kept = kept;
        return residua::research::sample(app_.context(), view_of(image_), settings_);
    }

    // The first one keeps all scales, each further one a scale less.
    void draw_scales(int scales) {
        std::vector<std::string> outputs;
        for (int drawn = 1; drawn <= scales; ++drawn)
            outputs.push_back(output("sample-" + std::to_string(drawn)));
        for (int drawn = 1; drawn <= scales; ++drawn)
            write_image(app_, draw(scales - drawn + 1).get(), outputs[static_cast<size_t>(drawn - 1)]);
    }

    void draw_residual(const residua::buffer& file) {
        const std::string sample_output = output("sample");
        const std::string residual_output = output("residual");
        const std::string drawn_output = output("sample-residual");
        const residua::image lossy = app_.context().preview(file.data(), file.size());
        const residua::image sample = draw(1);
        write_image(app_, sample.get(), sample_output);
        const std::vector<int> residual = difference(view_of(image_), lossy.get());
        const int range = largest(residual);  // of both pictures, so that they can be compared
        write_residual(app_, view_of(image_), residual, range, residual_output);
        write_residual(app_, view_of(image_), difference(sample.get(), lossy.get()), range, drawn_output);
    }

    App& app_;
    const std::string path_;
    image_io::Image image_;
    residua_sample_options settings_ = RESIDUA_INIT(residua_sample_options);
};

}  // namespace

int sample(const Options& options) {
    check_places(options, options.output.empty() ? ".sample" : "");
    App app(options);
    return app.for_each_input([&](const std::string& path) { Sampler(app, path).run(); });
}

}  // namespace tool
