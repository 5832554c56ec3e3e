// PGM (P5), PPM (P6) and PAM (P7) of 8 bits.
#include <algorithm>
#include <cstring>
#include <string>

#include "image_io/image.h"

namespace image_io {

namespace {

class HeaderReader {
  public:
    explicit HeaderReader(std::span<const uint8_t> file) : file_(file), position_(2) {}

    // The next word; comments from '#' to the end of a line are skipped.
    std::string word() {
        for (;;) {
            while (position_ < file_.size() && is_space(file_[position_])) ++position_;
            if (position_ >= file_.size() || file_[position_] != '#') break;
            while (position_ < file_.size() && file_[position_] != '\n') ++position_;
        }
        std::string text;
        while (position_ < file_.size() && !is_space(file_[position_]) && text.size() < 64)
            text += static_cast<char>(file_[position_++]);
        if (text.empty()) damaged("the PNM header ends too early");
        return text;
    }
    uint32_t number() {
        const std::string text = word();
        if (text.size() > 9 ||
            !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
            damaged("the PNM header has '" + text + "' where a number belongs");
        return static_cast<uint32_t>(std::stoul(text));
    }
    // The samples, after the one white-space byte that ends the header.
    std::span<const uint8_t> rest() const { return file_.subspan(std::min(position_ + 1, file_.size())); }

  private:
    static bool is_space(uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

    std::span<const uint8_t> file_;
    size_t position_;
};

struct Header {
    uint32_t width = 0, height = 0, depth = 0, maximum = 0;
};

Header read_pam_header(HeaderReader& reader) {
    Header header;
    for (std::string word = reader.word(); word != "ENDHDR"; word = reader.word()) {
        if (word == "WIDTH")
            header.width = reader.number();
        else if (word == "HEIGHT")
            header.height = reader.number();
        else if (word == "DEPTH")
            header.depth = reader.number();
        else if (word == "MAXVAL")
            header.maximum = reader.number();
        else if (word == "TUPLTYPE") {
            const std::string type = reader.word();
            if (type.ends_with("_ALPHA"))
                unsupported("the PAM picture has an alpha channel, which Residua cannot keep");
            if (type != "GRAYSCALE" && type != "RGB") unsupported("the PAM picture has tuple type " + type);
        } else {
            damaged("the PAM header has an unknown line '" + word + "'");
        }
    }
    return header;
}

}  // namespace

Image read_pnm(std::span<const uint8_t> file, uint64_t max_bytes) {
    const char kind = static_cast<char>(file[1]);
    if (kind == '1' || kind == '4') unsupported("black-and-white PBM pictures cannot be coded");
    if (kind == '2' || kind == '3')
        unsupported("PNM pictures as text (P2, P3) cannot be read; convert to binary PNM");
    HeaderReader reader(file);
    Header header;
    if (kind == '7') {
        header = read_pam_header(reader);
    } else {
        header.width = reader.number();
        header.height = reader.number();
        header.maximum = reader.number();
        header.depth = kind == '6' ? 3 : 1;
    }
    if (header.depth == 2 || header.depth == 4)
        unsupported("the PAM picture has an alpha channel or four colours");
    if (header.depth != 1 && header.depth != 3) unsupported("the PAM picture has neither 1 nor 3 channels");
    if (header.maximum > 255) unsupported("the picture has 16 bits per sample; this version codes 8");
    if (header.maximum != 255) unsupported("the picture's largest value is not 255, which would be lost");
    Image image;
    const std::span<const uint8_t> samples = reader.rest();
    if (uint64_t{header.width} * header.height * header.depth > samples.size())
        damaged("the PNM picture ends too early");
    image.allocate(header.width, header.height, header.depth, max_bytes);
    if (samples.size() > image.pixels.size()) unsupported("the PNM file holds more than one picture");
    std::memcpy(image.pixels.data(), samples.data(), image.pixels.size());
    return image;
}

std::vector<uint8_t> write_pnm(const ImageView& image) {
    const std::string header = std::string(image.channels == 3 ? "P6" : "P5") + "\n" +
                               std::to_string(image.width) + " " + std::to_string(image.height) + "\n255\n";
    std::vector<uint8_t> bytes(header.begin(), header.end());
    bytes.insert(bytes.end(), image.pixels,
                 image.pixels + size_t{image.width} * image.height * image.channels);
    return bytes;
}

}  // namespace image_io
