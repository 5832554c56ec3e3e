// residua decode and residua preview: .rsd files to pictures.
#include "app.h"

namespace tool {

namespace {

image_io::ImageView view_of(const residua_image& image) {
    return {image.width,
            image.height,
            image.channels,
            image.pixels,
            {image.icc, image.icc_size},
            {image.exif, image.exif_size},
            {image.xmp, image.xmp_size}};
}

// -o's extension, or --format where there is none.
image_io::OutputFormat format_of(const Options& options, const std::string& output) {
    if (output == "-")
        return options.format == "png" ? image_io::OutputFormat::kPng : image_io::OutputFormat::kPnm;
    return image_io::output_format(output);
}

std::string extension_of(const Options& options) { return "." + options.format; }

void write_image(App& app, const residua_image& image, const std::string& output) {
    const image_io::ImageView view = view_of(image);
    const image_io::OutputFormat format = format_of(app.options(), output);
    for (const std::string& lost : image_io::lost_by(format, view))
        app.warning("this output format cannot hold " + lost + "; PNG can");
    const std::vector<uint8_t> bytes = image_io::write(view, format);
    app.write(output, bytes.data(), bytes.size());
}

bool is_bpg(const std::string& path) { return path.size() > 4 && path.ends_with(".bpg"); }

}  // namespace

int decode(const Options& options) {
    App app(options);
    return app.for_each_input([&](const std::string& path) {
        const std::string output = app.output_path(path, extension_of(options));
        format_of(options, output);  // refuses an unknown extension before the work
        residua::image image;
        {
            const Input file = app.read(path);
            image = app.context().decode(file.data(), file.size());
        }
        write_image(app, image.get(), output);
        if (output != "-") app.detail("-> " + output);
    });
}

int preview(const Options& options) {
    App app(options);
    return app.for_each_input([&](const std::string& path) {
        const bool bpg = options.format == "bpg" || is_bpg(options.output);
        const std::string output = app.output_path(path, ".preview" + extension_of(options));
        if (!bpg) format_of(options, output);
        const Input file = app.read(path);
        if (bpg) {
            const residua::buffer stream = app.context().preview_bpg(file.data(), file.size());
            app.write(output, stream.data(), stream.size());
        } else {
            const residua::image image = app.context().preview(file.data(), file.size());
            write_image(app, image.get(), output);
        }
        if (output != "-") app.detail("-> " + output);
    });
}

}  // namespace tool
