#include "picture.h"

#include <utility>

#include "image_io/translate.h"
#include "text.h"

namespace tool {

MetadataEntries::MetadataEntries(const image_io::Description& picture) {
    for (const image_io::Metadata& entry : picture.metadata)
        entries_.push_back({entry.name.c_str(), entry.bytes.data(), entry.bytes.size()});
}

residua_image view_of(image_io::Image& image) {
    residua_image view = RESIDUA_INIT(residua_image);
    view.pixels = image.pixels.data();
    view.width = image.width;
    view.height = image.height;
    view.colour = static_cast<uint32_t>(image.colour);
    view.alpha = image.alpha;
    view.bits = image.bits;
    return view;
}

image_io::OutputFormat format_of(const Options& options, const std::string& output) {
    if (!options.format.empty()) return image_io::format_named(options.format);
    return output == "-" ? image_io::OutputFormat::kPng : image_io::output_format(output);
}

PictureOutput::PictureOutput(App& app, FileOutput& file, image_io::Description picture,
                             const std::string& output) {
    if (app.options().strip_metadata) image_io::strip_metadata(picture);
    image_io::Placement placement = image_io::place(picture, format_of(app.options(), output));
    std::string lost;
    for (const std::string& item : placement.left_out) lost += (lost.empty() ? "" : ", ") + printable(item);
    if (!lost.empty())
        app.loss("not put back, for want of a place in this format: " + lost,
                 "another format (--to), or leave --strict out");
    for (const std::string& note : placement.notes) app.warning(note);
    const auto write = [&file](std::span<const uint8_t> bytes) { file.write(bytes.data(), bytes.size()); };
    image_io::Output rewrite;
    if (app.options().tiff_compression != "none" && file.can_rewrite())
        rewrite = [&file](std::span<const uint8_t> bytes) { file.rewrite_beginning(bytes); };
    writer_ = image_io::make_writer(std::move(placement), write, std::move(rewrite));
}

void finish(App& app, FileOutput& file, const std::string& output) {
    file.commit();
    app.outcome().written = file.size();
    if (output != "-") app.detail("-> " + output);
}

void write_image(App& app, const residua_image& image, const std::string& output) {
    FileOutput file(app.context(), output, app.options().force);
    image_io::Description picture = description_of(image);
    image_io::forget_exact_pixels(picture);
    PictureOutput(app, file, std::move(picture), output).write(image.height, image.pixels);
    finish(app, file, output);
}

}  // namespace tool
