// The netpbm formats: bitmaps, grey and colours as text (P1 to P3) and as bytes (P4 to P6), and PAM (P7).
#include <algorithm>
#include <cstring>
#include <string>

#include "image_io/bits.h"
#include "image_io/source_bytes.h"

namespace image_io {

namespace {

constexpr uint32_t kLargestMaximum = 65535;

bool is_space(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Words of the header, and of samples as text.
class Words {
  public:
    // Behind the two bytes of the kind.
    Words(Source& source, const ReadOptions& options, Description& picture)
        : source_(source), options_(options), picture_(picture) {
        advance();
    }

    // The next word; comments from '#' to the end of a line, which may follow at once, are kept.
    std::string word() {
        skip();
        std::string text;
        for (; next_ >= 0 && !is_space(next_) && next_ != '#' && text.size() < 64; advance())
            text += static_cast<char>(next_);
        if (text.empty()) damaged("the PNM header ends too early");
        return text;
    }
    uint32_t number() { return number_of(word()); }
    // The rest of the line.
    std::string line() {
        std::string text;
        while (next_ == ' ' || next_ == '\t') advance();
        for (; next_ >= 0 && next_ != '\n' && text.size() < 256; advance()) text += static_cast<char>(next_);
        while (!text.empty() && is_space(text.back())) text.pop_back();
        return text;
    }
    // One digit of a bitmap; they need no white space between them.
    uint32_t digit() {
        skip();
        if (next_ != '0' && next_ != '1')
            damaged("the PNM picture ends too early, or has something but 0 and 1");
        const uint32_t value = static_cast<uint32_t>(next_ - '0');
        advance();
        return value;
    }
    uint32_t sample(uint32_t maximum) {
        skip();
        if (next_ < '0' || next_ > '9')
            damaged("the PNM picture ends too early, or has something but numbers");
        uint32_t value = 0;
        for (; next_ >= '0' && next_ <= '9'; advance()) {
            value = value * 10 + static_cast<uint32_t>(next_ - '0');
            if (value > maximum) damaged("the PNM picture has a sample above its largest value");
        }
        return value;
    }
    // Whether only white space and comments are left.
    bool at_end() {
        skip();
        return next_ < 0;
    }
    // Comments among samples as text, which must be known before those; the header's end is come back to.
    void keep_all_comments() {
        const uint64_t back = position();
        while (next_ >= 0) {
            while (next_ >= 0 && next_ != '#') advance();
            skip();
        }
        kept_comments_ = false;
        source_.seek(back);
        used_ = size_ = 0;
        advance();
    }
    // Behind the header's last word: one byte of white space, or a comment, with the end of its line.
    uint64_t behind_header() {
        if (next_ == '#') take_comment();
        return position() + 1;
    }
    // Where the byte behind the last word lies.
    uint64_t position() const { return base_ + used_ - (next_ >= 0 ? 1 : 0); }

    static uint32_t number_of(const std::string& text) {
        if (text.empty() || text.size() > 10 ||
            !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
            damaged("the PNM header has '" + shown(text) + "' where a number belongs");
        return static_cast<uint32_t>(std::min<uint64_t>(std::stoull(text), UINT32_MAX));
    }

  private:
    void skip() {
        for (;;) {
            while (is_space(next_)) advance();
            if (next_ != '#') return;
            take_comment();
        }
    }
    // Up to the end of its line.
    void take_comment() {
        std::string comment;
        for (advance(); next_ >= 0 && next_ != '\n'; advance()) {
            if (!kept_comments_) continue;
            comment += static_cast<char>(next_);
            if (comment.size() % 4096 == 0) check_memory(kept_ + comment.size(), options_.max_bytes);
        }
        kept_ += comment.size();
        if (kept_comments_) picture_.add_part("pnm:comment", as_bytes(comment));
    }
    void advance() {
        if (used_ == size_) {
            options_.check_interrupted();
            base_ = source_.position();
            size_ = source_.read(buffer_, sizeof buffer_);
            used_ = 0;
        }
        next_ = used_ < size_ ? buffer_[used_++] : -1;
    }

    Source& source_;
    const ReadOptions& options_;
    Description& picture_;
    uint8_t buffer_[4096];
    uint64_t base_ = 0, kept_ = 0;
    bool kept_comments_ = true;
    size_t used_ = 0, size_ = 0;
    int next_ = -1;
};

struct Header {
    uint32_t width = 0, height = 0, depth = 0, maximum = 0;
    std::string type;  // of PAM
};

Header read_pam_header(Words& words) {
    Header header;
    for (std::string word = words.word(); word != "ENDHDR"; word = words.word()) {
        if (word == "WIDTH")
            header.width = words.number();
        else if (word == "HEIGHT")
            header.height = words.number();
        else if (word == "DEPTH")
            header.depth = words.number();
        else if (word == "MAXVAL")
            header.maximum = words.number();
        else if (word == "TUPLTYPE")
            header.type += words.line();
        else if (word == "332")
            unsupported(
                "this is a small picture of the program xv (P7 332), which Residua does not read; convert it "
                "to PNG first");
        else
            damaged("the PAM header has an unknown line '" + shown(word) + "'");
    }
    return header;
}

class PnmReader : public Reader {
  public:
    PnmReader(Source& source, const ReadOptions& options)
        : source_(source), options_(options), words_(begin(source), options_, description_) {
        text_ = kind() <= 3;
        bitmap_ = kind() == 1 || kind() == 4;
        Header header;
        if (kind() == 7) {
            header = read_pam_header(words_);
        } else {
            header.width = words_.number();
            header.height = words_.number();
            header.maximum = bitmap_ ? 1 : words_.number();
            header.depth = kind() == 3 || kind() == 6 ? 3 : 1;
        }
        description_.set_size(header.width, header.height);
        if (header.maximum == 0 || header.maximum > kLargestMaximum)
            damaged("the PNM header has an impossible largest value, " + std::to_string(header.maximum));
        set_kind(header);
        maximum_ = header.maximum;
        if (maximum_ + 1 != 1U << description_.bits) {
            const std::string digits = std::to_string(maximum_);
            description_.add("pnm:maxval", {reinterpret_cast<const uint8_t*>(digits.data()), digits.size()});
        }
        row_samples_ = size_t{description_.width} * description_.channels();
        begin_ = words_.behind_header();
        if (text_)
            check_text();
        else
            check_bytes();
    }

  private:
    // Before the words can be read.
    Source& begin(Source& source) {
        kind_ = bytes_at(source, 1, 1)[0];
        source.seek(2);
        return source;
    }
    int kind() const { return kind_ - '0'; }

    void set_kind(const Header& header) {
        const uint32_t bits = bits_of(header.maximum);
        const std::string& type = header.type;
        const auto is = [&](std::string_view name) { return type == name; };
        const bool alpha =
            type.ends_with("_ALPHA") || (type.empty() && (header.depth == 2 || header.depth == 4));
        const uint32_t colours = header.depth - std::min(header.depth, alpha ? 1U : 0U);
        const bool cmyk = is("CMYK") || is("CMYK_ALPHA");
        if (colours == 1 && (type.empty() || is("GRAYSCALE") || is("GRAYSCALE_ALPHA") ||
                             is("BLACKANDWHITE") || is("BLACKANDWHITE_ALPHA")))
            description_.set_kind(Colour::kGrey, alpha, bits);
        else if (colours == 3 && (type.empty() || is("RGB") || is("RGB_ALPHA")))
            description_.set_kind(Colour::kRgb, alpha, bits);
        else if (colours == 4 && cmyk)
            description_.set_kind(Colour::kCmyk, alpha, bits);
        else
            unsupported(
                "the PAM picture has " + count_of(header.depth, "channel") + " of a type ('" + shown(type) +
                "') that Residua does not know; grey, RGB and CMYK, with and without alpha, can be kept");
        // What the channels and the largest value do not say.
        const std::string usual = std::string(cmyk           ? "CMYK"
                                              : colours == 3 ? "RGB"
                                                             : "GRAYSCALE") +
                                  (alpha ? "_ALPHA" : "");
        if (kind() == 7 && !type.empty() && type != usual &&
            !(header.maximum == 1 && type.starts_with("BLACKANDWHITE")))
            description_.add_part("pnm:tuple-type",
                                  {reinterpret_cast<const uint8_t*>(type.data()), type.size()});
    }

    [[noreturn]] static void ends_early() { damaged("the PNM picture ends too early"); }

    uint64_t file_row_bytes() const {
        return bitmap_ ? (uint64_t{description_.width} + 7) / 8
                       : uint64_t{row_samples_} * (maximum_ > 255 ? 2 : 1);
    }

    void check_bytes() {
        const uint64_t there = source_.size() - std::min(begin_, source_.size());
        if (file_row_bytes() > there / description_.height) ends_early();
        const uint64_t end = begin_ + file_row_bytes() * description_.height;
        source_.seek(begin_);
        check_memory(file_row_bytes(), options_.max_bytes);
        if (bitmap_) stored_.resize(static_cast<size_t>(file_row_bytes()));
        check_rest(end);
        source_.seek(begin_);
    }

    void check_text() {
        // A digit each, and white space between them.
        const uint64_t least = uint64_t{row_samples_} * (bitmap_ ? 1 : 2);
        if (least > (source_.size() + 1) / description_.height) ends_early();
        words_.keep_all_comments();
    }

    void check_rest(uint64_t end) {
        if (end >= source_.size()) return;
        const std::vector<uint8_t> rest = bytes_at(source_, end, 3);
        if (rest.size() == 1 && rest[0] == '\n') {
            description_.notes.emplace_back("a line end behind the picture is passed over");
            return;
        }
        if (rest.size() == 3 && rest[0] == 'P' && rest[1] >= '1' && rest[1] <= '7' && is_space(rest[2]))
            unsupported(
                "the PNM file holds several pictures; take them apart first, for example with pamsplit");
        keep_trailing(source_, end, "pnm", options_, description_);
    }

    void read_rows(uint32_t rows, uint8_t* pixels) override {
        for (uint32_t row = 0; row < rows; ++row, pixels += description_.row_bytes()) {
            if (text_)
                read_text_row(pixels);
            else
                read_row(pixels);
        }
    }

    void read_text_row(uint8_t* pixels) {
        for (size_t i = 0; i < row_samples_; ++i) {
            const uint32_t value = bitmap_ ? 1 - words_.digit() : words_.sample(maximum_);
            if (maximum_ > 255) {
                const auto wide = static_cast<uint16_t>(value);
                std::memcpy(pixels + 2 * i, &wide, sizeof wide);
            } else {
                pixels[i] = static_cast<uint8_t>(value);
            }
        }
    }

    void read_row(uint8_t* pixels) {
        uint8_t* to = bitmap_ ? stored_.data() : pixels;
        const auto size = static_cast<size_t>(file_row_bytes());
        if (source_.read(to, size) != size) ends_early();
        if (bitmap_) {
            unpack(stored_.data(), 1, row_samples_, pixels);
            for (size_t i = 0; i < row_samples_; ++i) pixels[i] ^= 1;  // 1 is black in a bitmap
            return;
        }
        if (maximum_ > 255) from_big_endian(pixels, row_samples_);
        if (maximum_ + 1 == 1U << description_.bits && (description_.bits == 8 || description_.bits == 16))
            return;
        const bool fits = maximum_ > 255
                              ? std::all_of(reinterpret_cast<const uint16_t*>(pixels),
                                            reinterpret_cast<const uint16_t*>(pixels) + row_samples_,
                                            [this](uint16_t value) { return value <= maximum_; })
                              : std::all_of(pixels, pixels + row_samples_,
                                            [this](uint8_t value) { return value <= maximum_; });
        if (!fits) damaged("the PNM picture has a sample above its largest value");
    }

    void finish() override {
        if (!text_) return;
        if (!words_.at_end())
            unsupported(
                "the PNM file holds more than one picture, or something behind it; take them apart first");
    }

    Source& source_;
    const ReadOptions options_;
    int kind_ = 0;
    Words words_;
    bool text_ = false, bitmap_ = false;
    uint32_t maximum_ = 255;
    size_t row_samples_ = 0;
    uint64_t begin_ = 0;  // of the samples
    std::vector<uint8_t> stored_;
};

}  // namespace

std::unique_ptr<Reader> open_pnm(Source& source, const ReadOptions& options) {
    return std::make_unique<PnmReader>(source, options);
}

}  // namespace image_io
