#include "image_io/pnm_header.h"

#include <algorithm>

#include "image_io/bits.h"
#include "image_io/source_bytes.h"

namespace image_io {

namespace {

constexpr uint32_t kLargestMaximum = 65535;

[[noreturn]] void ends_early() { damaged("the PNM picture ends too early"); }

void read_pam(PnmWords& words, PnmHeader& header) {
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
        else if (word == "332") {
            header.thumbnail = true;
            header.width = words.number(), header.height = words.number(), header.maximum = words.number();
            header.depth = 1;
            if (header.maximum != 255)
                damaged("the PNM header has an impossible largest value, " + std::to_string(header.maximum));
            return;
        } else
            damaged("the PAM header has an unknown line '" + shown(word) + "'");
    }
}

// Of a type that is not known, the channels are what so many mostly are.
void set_kind(const PnmHeader& header, Description& picture) {
    if (header.thumbnail) return picture.set_kind(Colour::kRgb, false, 8);
    struct Kind {
        const char* type;
        uint32_t depth;
        Colour colour;
        bool alpha;
    };
    static constexpr Kind kKinds[] = {{"GRAYSCALE", 1, Colour::kGrey, false},
                                      {"GRAYSCALE_ALPHA", 2, Colour::kGrey, true},
                                      {"RGB", 3, Colour::kRgb, false},
                                      {"RGB_ALPHA", 4, Colour::kRgb, true},
                                      {"CMYK_ALPHA", 5, Colour::kCmyk, true},
                                      {"CMYK", 4, Colour::kCmyk, false},
                                      {"BLACKANDWHITE", 1, Colour::kGrey, false},
                                      {"BLACKANDWHITE_ALPHA", 2, Colour::kGrey, true}};
    const uint32_t bits = bits_of(header.maximum);
    const auto found = std::ranges::find_if(kKinds, [&](const Kind& kind) {
        return kind.depth == header.depth && (header.type.empty() || header.type == kind.type);
    });
    const bool known = found != std::end(kKinds);
    const Kind* kind = known ? found : std::ranges::find(kKinds, header.depth, &Kind::depth);
    if (kind == std::end(kKinds))
        unsupported("the PAM picture has " + count_of(header.depth, "channel") +
                    " per pixel; Residua keeps up to five (CMYK with alpha): take them apart first, for "
                    "example with pamchannel");
    picture.set_kind(kind->colour, kind->alpha, bits);
    if (!known)
        picture.notes.push_back("the PAM picture's type '" + shown(header.type) +
                                "' is not known; its channels are kept as " + kind->type);
    // What the channels and the largest value do not say.
    const bool said = header.type.empty() || header.type == kind->type ||
                      (header.maximum == 1 && known && header.type.starts_with("BLACKANDWHITE"));
    if (!said) picture.add_part("pnm:tuple-type", as_bytes(header.type));
}

// Passes over the samples, and keeps the comments among them, which must be known before those.
uint64_t end_of_text(PnmWords& words, const PnmHeader& header, uint64_t file_size) {
    // A digit each, and white space between them.
    const uint64_t least = header.row_samples() * (header.bitmap() ? 1 : 2);
    if (least > (file_size + 1) / header.height) ends_early();
    for (uint64_t i = 0; i < header.row_samples() * header.height; ++i)
        header.bitmap() ? words.digit() : words.sample(header.maximum);
    return words.next_word();
}

}  // namespace

PnmHeader read_pnm_header(Source& source, uint64_t position, const ReadOptions& options,
                          Description& picture) {
    PnmHeader header;
    const std::vector<uint8_t> magic = bytes_at(source, position, 2);
    if (magic.size() < 2) ends_early();
    header.kind = magic[1] - '0';
    source.seek(position + 2);
    PnmWords words(source, options, picture);
    if (header.kind == 7) {
        read_pam(words, header);
    } else {
        header.width = words.number();
        header.height = words.number();
        header.maximum = header.bitmap() ? 1 : words.number();
        header.depth = header.kind == 3 || header.kind == 6 ? 3 : 1;
    }
    picture.set_size(header.width, header.height);
    if (header.maximum == 0 || header.maximum > kLargestMaximum)
        damaged("the PNM header has an impossible largest value, " + std::to_string(header.maximum));
    set_kind(header, picture);
    if (header.maximum + 1 != 1U << picture.bits)
        picture.add("pnm:maxval", as_bytes(std::to_string(header.maximum)));
    header.begin = words.behind_header();
    if (header.text()) {
        header.end = end_of_text(words, header, source.size());
        return header;
    }
    const uint64_t there = source.size() - std::min(header.begin, source.size());
    if (header.row_bytes() > there / header.height) ends_early();
    check_memory(header.row_bytes(), options.max_bytes);
    header.end = header.begin + header.row_bytes() * header.height;
    return header;
}

std::optional<uint64_t> next_pnm_picture(Source& source, uint64_t end) {
    constexpr uint64_t kMostSpace = 64;
    const std::vector<uint8_t> rest = bytes_at(source, end, kMostSpace + 3);
    const auto begin = std::ranges::find_if_not(rest, is_pnm_space);
    if (rest.end() - begin < 3 || begin[0] != 'P' || begin[1] < '1' || begin[1] > '7' ||
        !is_pnm_space(begin[2]))
        return {};
    return end + static_cast<uint64_t>(begin - rest.begin());
}

}  // namespace image_io
