#include "picture.h"

namespace tool {

MetadataEntries::MetadataEntries(const image_io::Description& picture) {
    const auto add = [this](const char* name, const std::vector<uint8_t>& bytes) {
        if (!bytes.empty()) entries_[count_++] = {name, bytes.data(), bytes.size()};
    };
    add("icc", picture.icc);
    add("exif", picture.exif);
    add("xmp", picture.xmp);
}

residua_image view_of(image_io::Image& image) {
    residua_image view = RESIDUA_INIT(residua_image);
    view.pixels = image.pixels.data();
    view.width = image.width;
    view.height = image.height;
    view.colour = colour_of(image.channels);
    return view;
}

image_io::OutputFormat format_of(const Options& options, const std::string& output) {
    if (output == "-")
        return options.format == "png" ? image_io::OutputFormat::kPng : image_io::OutputFormat::kPnm;
    return image_io::output_format(output);
}

PictureOutput::PictureOutput(App& app, FileOutput& file, const residua_image& image,
                             const std::string& output) {
    const image_io::ImageView view{image.width,
                                   image.height,
                                   residua::channels(image),
                                   nullptr,
                                   residua::metadata(image, "icc"),
                                   residua::metadata(image, "exif"),
                                   residua::metadata(image, "xmp")};
    const image_io::OutputFormat format = format_of(app.options(), output);
    for (const std::string& lost : image_io::lost_by(format, view))
        app.warning("this output format cannot hold " + lost + "; PNG can");
    writer_ = image_io::make_writer(
        view, format, [&file](std::span<const uint8_t> bytes) { file.write(bytes.data(), bytes.size()); });
}

void finish(App& app, FileOutput& file, const std::string& output) {
    file.commit();
    if (output != "-") app.detail("-> " + output);
}

void write_image(App& app, const residua_image& image, const std::string& output) {
    FileOutput file(app.context(), output, app.options().force);
    PictureOutput(app, file, image, output).write(image.height, image.pixels);
    finish(app, file, output);
}

}  // namespace tool
