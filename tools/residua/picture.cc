#include "picture.h"

namespace tool {

residua_image view_of(image_io::Image& image) {
    residua_image view{};
    view.pixels = image.pixels.data();
    view.width = image.width;
    view.height = image.height;
    view.channels = image.channels;
    const auto set = [](const std::vector<uint8_t>& bytes, const uint8_t*& data, size_t& size) {
        if (bytes.empty()) return;
        data = bytes.data();
        size = bytes.size();
    };
    set(image.icc, view.icc, view.icc_size);
    set(image.exif, view.exif, view.exif_size);
    set(image.xmp, view.xmp, view.xmp_size);
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
                                   image.channels,
                                   nullptr,
                                   {image.icc, image.icc_size},
                                   {image.exif, image.exif_size},
                                   {image.xmp, image.xmp_size}};
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
