// residua thumbnail: small upright pictures in sRGB, as file managers show them.
#include <sys/stat.h>

#include <optional>

#include "batch.h"
#include "display/conversion.h"
#include "display/source.h"
#include "display/turn.h"
#include "image_io/translate.h"
#include "picture.h"

namespace tool {

namespace {

// A picture that is at most `longest` pixels long, as it is to be seen.
image_io::Image thumbnail_of(App& app, const Input& file, uint32_t longest) {
    residua::context& context = app.context();
    const std::span<const uint8_t> bytes(file.data(), file.size());
    const residua_info info = context.inspect(bytes.data(), bytes.size());
    display::Size size = display::fitted(info.width, info.height, longest);
    image_io::Description picture;
    std::optional<display::Reduction> reduction;
    display::read(
        context, bytes, size,
        [&](const image_io::Description& head) {
            picture = head;
            reduction.emplace(picture, size);
        },
        [&](uint32_t, uint32_t rows, const void* samples) { reduction->add(rows, samples); });
    const std::vector<uint8_t> small = reduction->take();

    display::Layout layout = display::layout_of(picture, false);
    if (layout.channels == 1 && picture.has("icc")) layout.channels = 3;
    const display::Conversion conversion(picture, layout, true);
    std::vector<uint8_t> shown(size_t{size.width} * size.height * layout.pixel_bytes());
    conversion.convert(small.data(), size_t{size.width} * size.height, shown.data());

    image_io::Image thumbnail;
    thumbnail.pixels = display::turned(shown, size, layout.pixel_bytes(), image_io::orientation_of(picture));
    thumbnail.set_size(size.width, size.height);
    thumbnail.set_kind(layout.channels == 1 ? image_io::Colour::kGrey : image_io::Colour::kRgb,
                       layout.channels == 4, 8);
    return thumbnail;
}

void add_text(image_io::Image& image, const std::string& keyword, const std::string& text) {
    const std::string chunk = keyword + '\0' + text;
    image.add("png:tEXt", {reinterpret_cast<const uint8_t*>(chunk.data()), chunk.size()});
}

// What the Thumbnail Managing Standard asks of a file in ~/.cache/thumbnails.
void describe(image_io::Image& thumbnail, const Options& options, const Job& job) {
    for (const char byte : options.uri)
        if (byte <= ' ' || byte > '~')
            throw Failure(kUsage, "--uri takes printable ASCII; write other characters as %XX");
    if (job.input == "-") throw Failure(kUsage, "--uri needs a file, whose time and size go with it");
    const struct stat status = input_status(job.input);
    add_text(thumbnail, "Thumb::URI", options.uri);
    add_text(thumbnail, "Thumb::MTime", std::to_string(status.st_mtime));
    add_text(thumbnail, "Thumb::Size", std::to_string(status.st_size));
    add_text(thumbnail, "Thumb::Mimetype", "image/x-residua");
    add_text(thumbnail, "Software", std::string("residua ") + residua_version());
}

}  // namespace

int thumbnail(const Options& given) {
    Options options = given;
    options.format = "png";  // whatever the output's name says: those of file managers say nothing
    const Work work{InputKind::kCoded, ".thumbnail.png", "made small"};
    return run_batch(options, work, [&](App& app, Job& job) {
        const Input file = app.read(job.input);
        image_io::Image thumbnail = thumbnail_of(app, file, options.thumbnail_size);
        if (!options.uri.empty()) describe(thumbnail, options, job);
        FileOutput out(app.context(), job.output, options.force);
        PictureOutput(app, out, thumbnail, job.output).write(thumbnail.height, thumbnail.pixels.data());
        finish(app, out, job.output);
    });
}

}  // namespace tool
