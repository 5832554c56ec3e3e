// PGM (P5), PPM (P6) and PAM (P7) of 8 bits.
#include <algorithm>
#include <string>

#include "image_io/image.h"

namespace image_io {

namespace {

class HeaderReader {
  public:
    // Behind the two bytes of the kind.
    explicit HeaderReader(Source& source) : source_(source), next_(source.next()) {}

    // The next word; comments from '#' to the end of a line are skipped.
    std::string word() {
        for (;;) {
            while (is_space(next_)) next_ = source_.next();
            if (next_ != '#') break;
            while (next_ >= 0 && next_ != '\n') next_ = source_.next();
        }
        std::string text;
        for (; next_ >= 0 && !is_space(next_) && text.size() < 64; next_ = source_.next())
            text += static_cast<char>(next_);
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
    // After the last word, one white-space byte has been read: the source stands at the samples.

  private:
    static bool is_space(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

    Source& source_;
    int next_;
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

class PnmReader : public Reader {
  public:
    explicit PnmReader(Source& source) : source_(source) {
        source.next();
        const char kind = static_cast<char>(source.next());
        if (kind == '1' || kind == '4') unsupported("black-and-white PBM pictures cannot be coded");
        if (kind == '2' || kind == '3')
            unsupported("PNM pictures as text (P2, P3) cannot be read; convert to binary PNM");
        HeaderReader reader(source);
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
        if (header.depth != 1 && header.depth != 3)
            unsupported("the PAM picture has neither 1 nor 3 channels");
        if (header.maximum > 255) unsupported("the picture has 16 bits per sample; this version codes 8");
        if (header.maximum != 255) unsupported("the picture's largest value is not 255, which would be lost");
        const uint64_t samples = source.size() - std::min(source.position(), source.size());
        if (uint64_t{header.width} * header.height * header.depth > samples) ends_early();
        description_.set_size(header.width, header.height);
        description_.set_kind(header.depth == 1 ? Colour::kGrey : Colour::kRgb, false, 8);
        if (samples > description_.pixel_bytes()) unsupported("the PNM file holds more than one picture");
    }

  private:
    [[noreturn]] static void ends_early() { damaged("the PNM picture ends too early"); }

    void read_rows(uint32_t rows, uint8_t* pixels) override {
        const size_t bytes = rows * description_.row_bytes();
        if (source_.read(pixels, bytes) != bytes) ends_early();
    }

    Source& source_;
};

class PnmWriter : public Writer {
  public:
    PnmWriter(const Description& image, Output output)
        : output_(std::move(output)), row_bytes_(image.row_bytes()) {
        const std::string header = std::string(image.colour == Colour::kRgb ? "P6" : "P5") + "\n" +
                                   std::to_string(image.width) + " " + std::to_string(image.height) +
                                   "\n255\n";
        output_({reinterpret_cast<const uint8_t*>(header.data()), header.size()});
    }
    void write(uint32_t rows, const uint8_t* pixels) override { output_({pixels, rows * row_bytes_}); }

  private:
    Output output_;
    size_t row_bytes_;
};

}  // namespace

std::unique_ptr<Reader> open_pnm(Source& source) { return std::make_unique<PnmReader>(source); }

std::unique_ptr<Writer> make_pnm_writer(const Description& image, Output output) {
    return std::make_unique<PnmWriter>(image, std::move(output));
}

}  // namespace image_io
