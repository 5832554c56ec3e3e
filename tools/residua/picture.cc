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

PictureOutput::PictureOutput(App& app, const residua_image& image, const std::string& output)
    : app_(app), path_(output), file_(app.context(), output, app.options().force) {
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
        view, format, [this](std::span<const uint8_t> bytes) { file_.write(bytes.data(), bytes.size()); });
}

void PictureOutput::commit() {
    file_.commit();
    if (path_ != "-") app_.detail("-> " + path_);
}

void write_image(App& app, const residua_image& image, const std::string& output) {
    PictureOutput picture(app, image, output);
    picture.write(image.height, image.pixels);
    picture.commit();
}

}  // namespace tool
