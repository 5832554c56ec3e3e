// Pictures between the library and image files.
#pragma once

#include <residua/residua.hpp>
#include <string>

#include "app.h"
#include "image_io/image.h"

namespace tool {

// Points into the image, which must outlive it.
residua_image view_of(image_io::Image& image);

// The format that the output's name asks for, or --format for a pipe. Throws ImageError for an unknown one.
image_io::OutputFormat format_of(const Options& options, const std::string& output);

// The extension of outputs that -o does not name.
inline std::string extension_of(const Options& options) { return "." + options.format; }

// A picture's file that is written from top to bottom, with its metadata. Says what the format cannot hold.
class PictureOutput {
  public:
    // Of `image`, all but the pixels.
    PictureOutput(App& app, const residua_image& image, const std::string& output);
    void write(uint32_t rows, const uint8_t* pixels) { writer_->write(rows, pixels); }
    void commit();

  private:
    App& app_;
    const std::string path_;
    FileOutput file_;
    std::unique_ptr<image_io::Writer> writer_;
};

// A whole one.
void write_image(App& app, const residua_image& image, const std::string& output);

}  // namespace tool
