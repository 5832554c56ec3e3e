#include "image_io/colour_profile.h"

#include <lcms2.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <optional>

#include "image_io/bytes.h"

namespace image_io {

namespace {

struct FreeCurve {
    void operator()(cmsToneCurve* curve) const { cmsFreeToneCurve(curve); }
};
using Curve = std::unique_ptr<cmsToneCurve, FreeCurve>;

struct Space {
    cmsCIExyY white{0.3127, 0.3290, 1};
    cmsCIExyYTRIPLE primaries{{0.64, 0.33, 1}, {0.30, 0.60, 1}, {0.15, 0.06, 1}};  // BT.709, sRGB
    Curve curve;
    std::string name;
};

Curve parametric(int type, std::vector<double> parameters) {
    return Curve(cmsBuildParametricToneCurve(nullptr, type, parameters.data()));
}

Curve srgb_curve() { return parametric(4, {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045}); }

Curve table(const std::function<double(double)>& function) {
    std::vector<cmsUInt16Number> values(4096);
    for (size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<cmsUInt16Number>(
            std::lround(65535 * std::clamp(function(static_cast<double>(i) / 4095), 0.0, 1.0)));
    return Curve(
        cmsBuildTabulatedToneCurve16(nullptr, static_cast<cmsUInt32Number>(values.size()), values.data()));
}

// BT.2100: light, 1 at 10,000 cd/m².
double pq(double signal) {
    const double root = std::pow(signal, 32.0 / 2523);
    return std::pow(std::max(root - 0.8359375, 0.0) / (18.8515625 - 18.6875 * root), 8192.0 / 1305);
}

// BT.2100: light of the scene, 1 at the signal's end.
double hlg(double signal) {
    constexpr double kA = 0.17883277, kB = 1 - 4 * kA;
    const double c = 0.5 - kA * std::log(4 * kA);
    return signal <= 0.5 ? signal * signal / 3 : (std::exp((signal - c) / kA) + kB) / 12;
}

// H.273's numbers.
Curve curve_of(uint8_t transfer) {
    switch (transfer) {
        case 1:
        case 6:
        case 14:
        case 15:
            return parametric(4, {1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081});
        case 4:
            return parametric(1, {2.2});
        case 5:
            return parametric(1, {2.8});
        case 8:
            return parametric(1, {1});
        case 13:
            return srgb_curve();
        case 16:
            return table(pq);
        case 18:
            return table(hlg);
        default:
            return nullptr;
    }
}

bool set_primaries(uint8_t number, Space& space) {
    switch (number) {
        case 1:
            return true;
        case 5:
            space.primaries = {{0.64, 0.33, 1}, {0.29, 0.60, 1}, {0.15, 0.06, 1}};
            return true;
        case 6:
        case 7:
            space.primaries = {{0.63, 0.34, 1}, {0.31, 0.595, 1}, {0.155, 0.07, 1}};
            return true;
        case 9:
            space.primaries = {{0.708, 0.292, 1}, {0.170, 0.797, 1}, {0.131, 0.046, 1}};
            return true;
        case 11:
        case 12:
            space.primaries = {{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}};
            if (number == 11) space.white = {0.314, 0.351, 1};
            return true;
        default:
            return false;
    }
}

std::optional<Space> space_of(const Description& image) {
    Space space;
    const std::span<const uint8_t> code = image.find("png:cICP"), gamma = image.find("png:gAMA"),
                                   primaries = image.find("png:cHRM");
    if (!code.empty()) {
        // No matrix, and all values.
        if (code.size() != 4 || code[2] != 0 || code[3] != 1 || !set_primaries(code[0], space)) return {};
        space.curve = curve_of(code[1]);
        space.name = "H.273 primaries " + std::to_string(code[0]) + ", transfer " + std::to_string(code[1]);
    } else if (image.has("png:sRGB")) {
        space.curve = srgb_curve();
        space.name = "sRGB";
    } else if (gamma.size() == 4 || primaries.size() == 32) {
        const uint32_t exponent = gamma.size() == 4 ? big32(gamma.data()) : 45455;
        if (exponent == 0) return {};
        space.curve = parametric(1, {100000.0 / exponent});
        space.name = "PNG gamma " + std::to_string(exponent) + "/100000";
        if (primaries.size() == 32) {
            const auto point = [&](size_t i) {
                return cmsCIExyY{big32(primaries.data() + 8 * i) / 100000.0,
                                 big32(primaries.data() + 8 * i + 4) / 100000.0, 1};
            };
            space.white = point(0);
            space.primaries = {point(1), point(2), point(3)};
        }
    }
    if (!space.curve) return {};
    return space;
}

}  // namespace

std::vector<uint8_t> profile_of_chunks(const Description& image) {
    const std::optional<Space> space = space_of(image);
    if (!space || image.colour == Colour::kCmyk) return {};
    cmsToneCurve* curve = space->curve.get();
    cmsToneCurve* curves[] = {curve, curve, curve};
    const cmsHPROFILE profile = image.colour == Colour::kGrey
                                    ? cmsCreateGrayProfile(&space->white, curve)
                                    : cmsCreateRGBProfile(&space->white, &space->primaries, curves);
    if (!profile) return {};  // primaries on a line
    cmsMLU* name = cmsMLUalloc(nullptr, 1);
    cmsMLUsetASCII(name, "en", "US", space->name.c_str());
    cmsWriteTag(profile, cmsSigProfileDescriptionTag, name);
    cmsMLUfree(name);
    if (const auto code = image.find("png:cICP"); !code.empty()) {
        cmsVideoSignalType signal{code[0], code[1], code[2], code[3]};
        cmsWriteTag(profile, cmsSigcicpTag, &signal);
    }
    std::vector<uint8_t> bytes;
    cmsUInt32Number size = 0;
    if (cmsSaveProfileToMem(profile, nullptr, &size)) {
        bytes.resize(size);
        if (!cmsSaveProfileToMem(profile, bytes.data(), &size)) bytes.clear();
    }
    cmsCloseProfile(profile);
    // The time at which it was made: the same picture shall give the same file.
    constexpr size_t kTime = 24;
    constexpr uint8_t kFixed[] = {0x07, 0xd0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0};
    if (bytes.size() > kTime + sizeof kFixed)
        std::copy(std::begin(kFixed), std::end(kFixed), bytes.begin() + kTime);
    return bytes;
}

}  // namespace image_io
