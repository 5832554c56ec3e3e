#include "display/conversion.h"

#include <lcms2.h>

#include <algorithm>

#include "image_io/translate.h"

namespace display {

namespace {

using image_io::Colour;

uint32_t colours_of(const image_io::Description& picture) {
    return picture.channels() - (picture.alpha ? 1 : 0);
}

// Rounded; what lies above `white` is white.
std::vector<uint16_t> stretched(uint32_t bits, uint32_t white, bool inverted) {
    std::vector<uint16_t> table(size_t{1} << bits);
    for (uint32_t i = 0; i < table.size(); ++i) {
        const uint64_t value = std::min(i, white);
        const auto wide = static_cast<uint16_t>((value * 65535 + white / 2) / white);
        table[i] = inverted ? 65535 - wide : wide;
    }
    return table;
}

uint16_t product(uint32_t a, uint32_t b) { return static_cast<uint16_t>((a * uint64_t{b} + 32767) / 65535); }

}  // namespace

// From the picture's colours to sRGB, at 16 bits.
class Conversion::Profile {
  public:
    // Null where the profile is none of a picture of these colours.
    static std::unique_ptr<Profile> open(std::span<const uint8_t> icc, uint32_t colours) {
        static constexpr cmsUInt32Number kFormats[] = {0, TYPE_GRAY_16, 0, TYPE_RGB_16, TYPE_CMYK_16};
        if (icc.empty()) return nullptr;
        // A context of its own: whoever loads this into a program may use Little CMS, too.
        const cmsContext context = cmsCreateContext(nullptr, nullptr);
        cmsSetLogErrorHandlerTHR(context, [](cmsContext, cmsUInt32Number, const char*) {});
        cmsHPROFILE from =
            cmsOpenProfileFromMemTHR(context, icc.data(), static_cast<cmsUInt32Number>(icc.size()));
        cmsHPROFILE to = cmsCreate_sRGBProfileTHR(context);
        cmsHTRANSFORM transform = nullptr;
        if (from && to && cmsChannelsOf(cmsGetColorSpace(from)) == colours)
            transform = cmsCreateTransformTHR(context, from, kFormats[colours], to, TYPE_RGB_16,
                                              INTENT_PERCEPTUAL, cmsFLAGS_NOCACHE);
        if (from) cmsCloseProfile(from);
        if (to) cmsCloseProfile(to);
        if (!transform) {
            cmsDeleteContext(context);
            return nullptr;
        }
        return std::unique_ptr<Profile>(new Profile(context, transform));
    }
    ~Profile() {
        cmsDeleteTransform(transform_);
        cmsDeleteContext(context_);
    }
    void convert(const uint16_t* from, uint16_t* rgb, size_t pixels) const {
        cmsDoTransform(transform_, from, rgb, static_cast<cmsUInt32Number>(pixels));
    }

  private:
    Profile(cmsContext context, cmsHTRANSFORM transform) : context_(context), transform_(transform) {}
    cmsContext context_;
    cmsHTRANSFORM transform_;
};

Conversion::Conversion(const image_io::Description& picture, Layout layout, bool to_srgb)
    : colours_(colours_of(picture)),
      alpha_(picture.alpha ? 1 : 0),
      sample_bytes_(picture.sample_bytes()),
      layout_(layout),
      profile_(picture.find("icc").begin(), picture.find("icc").end()) {
    if (image_io::is_lab(picture))
        image_io::unsupported("pictures in Lab are not shown; decode it to a TIFF");
    const bool cmyk = picture.colour == Colour::kCmyk;
    const bool grey = picture.colour == Colour::kGrey;
    if (layout.channels == 1 && !(grey && !picture.alpha && !(to_srgb && !profile_.empty())))
        image_io::unsupported("a picture with colours or alpha is not shown as grey");
    const bool inverted = image_io::is_min_is_white(picture) || (cmyk && image_io::is_inverted_cmyk(picture));
    value_ = stretched(picture.bits, image_io::white_of(picture), inverted);
    opacity_ = stretched(picture.bits, image_io::white_of(picture), false);
    if (to_srgb || cmyk) {
        to_srgb_ = Profile::open(profile_, colours_);
        profile_.clear();
    }
}

Conversion::~Conversion() = default;

// To RGB, or grey where the layout is that, and alpha where it has it.
void Conversion::fill(const void* samples, size_t pixels, uint16_t* wide) const {
    const uint32_t channels = colours_ + alpha_, out = layout_.channels;
    const auto* bytes = static_cast<const uint8_t*>(samples);
    const auto* words = static_cast<const uint16_t*>(samples);
    const auto sample = [&](size_t at) -> uint32_t {
        const uint32_t value = sample_bytes_ == 2 ? words[at] : bytes[at];
        return std::min<uint32_t>(value, static_cast<uint32_t>(value_.size() - 1));
    };
    std::vector<uint16_t> from, rgb;
    if (to_srgb_) {
        from.resize(pixels * colours_);
        rgb.resize(pixels * 3);
        for (size_t i = 0; i < pixels; ++i)
            for (uint32_t c = 0; c < colours_; ++c) from[i * colours_ + c] = value_[sample(i * channels + c)];
        to_srgb_->convert(from.data(), rgb.data(), pixels);
    }
    for (size_t i = 0; i < pixels; ++i) {
        const size_t at = i * channels;
        uint16_t* pixel = wide + i * out;
        if (to_srgb_) {
            std::copy_n(rgb.data() + i * 3, 3, pixel);
        } else if (colours_ == 4) {
            const uint32_t light = 65535 - value_[sample(at + 3)];
            for (uint32_t c = 0; c < 3; ++c) pixel[c] = product(65535 - value_[sample(at + c)], light);
        } else {
            for (uint32_t c = 0; c < std::min(out, 3u); ++c)
                pixel[c] = value_[sample(at + (colours_ == 3 ? c : 0))];
        }
        if (out == 4) pixel[3] = alpha_ ? opacity_[sample(at + colours_)] : 65535;
    }
}

void Conversion::convert(const void* samples, size_t pixels, void* out) const {
    constexpr size_t kPiece = 4096;  // pixels
    const size_t step = (colours_ + alpha_) * size_t{sample_bytes_};
    std::vector<uint16_t> wide(std::min(pixels, kPiece) * layout_.channels);
    for (size_t done = 0; done < pixels; done += kPiece) {
        const size_t count = std::min(kPiece, pixels - done);
        auto* to = static_cast<uint8_t*>(out) + done * layout_.pixel_bytes();
        const auto* from = static_cast<const uint8_t*>(samples) + done * step;
        if (layout_.bits == 16) {
            fill(from, count, reinterpret_cast<uint16_t*>(to));
            continue;
        }
        fill(from, count, wide.data());
        // Rounded: 257 times an 8-bit sample is that sample again.
        for (size_t i = 0; i < count * layout_.channels; ++i)
            to[i] = static_cast<uint8_t>((wide[i] + 128) / 257);
    }
}

Layout layout_of(const image_io::Description& picture, bool deep) {
    const bool grey = picture.colour == Colour::kGrey && !picture.alpha;
    return {picture.alpha ? 4u : grey ? 1u : 3u, deep && picture.bits > 8 ? 16u : 8u};
}

}  // namespace display
