#include "image_io/tiff_kind.h"

#include <string>

#include "image_io/source_bytes.h"

namespace image_io {

namespace {

const std::string kAdvice = "; convert it to integers of up to 16 bits first";

std::string compression_name(uint16_t compression) {
    const TIFFCodec* codec = TIFFFindCODEC(compression);
    return codec ? codec->name : "number " + std::to_string(compression);
}

void check_samples(TIFF* tiff, uint16_t bits, uint16_t compression) {
    const auto format = tiff_field<uint16_t>(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
    if (format == SAMPLEFORMAT_IEEEFP)
        unsupported("the TIFF picture has floating-point samples of " + std::to_string(bits) +
                    " bits, which cannot be kept exactly" + kAdvice);
    if (format == SAMPLEFORMAT_COMPLEXINT || format == SAMPLEFORMAT_COMPLEXIEEEFP)
        unsupported("the TIFF picture has complex numbers as samples, which cannot be kept");
    if ((bits < 1 || bits > 16) && bits != 24 && bits != 32 && bits != 64)
        unsupported("the TIFF picture has " + std::to_string(bits) + " bits per sample; 1 to 16 can be kept" +
                    kAdvice);
    if ((compression == COMPRESSION_JPEG || compression == COMPRESSION_OJPEG) && bits != 8)
        unsupported("the TIFF picture is compressed as a JPEG of " + std::to_string(bits) +
                    " bits, which Residua does not read; convert it to a TIFF of another compression first");
    if (!TIFFIsCODECConfigured(compression))
        unsupported("the TIFF picture is compressed by a method that is not at hand here (" +
                    compression_name(compression) + "); convert it first, for example with tiffcp -c lzw");
}

[[noreturn]] void refuse_photometric(uint16_t photometric) {
    const std::string advice = ", which Residua does not read; convert it to RGB first";
    switch (photometric) {
        case PHOTOMETRIC_ITULAB:
            unsupported("the TIFF picture has Lab colours of telefax" + advice);
        case PHOTOMETRIC_LOGL:
        case PHOTOMETRIC_LOGLUV:
            unsupported(
                "the TIFF picture has logarithmic samples (LogLuv), which stand for fractions and cannot "
                "be kept exactly");
        case PHOTOMETRIC_YCBCR:
            unsupported("the TIFF picture has YCbCr samples of another number or depth than 3 of 8 bits" +
                        advice);
        case PHOTOMETRIC_CFA:
        case 34892:
            unsupported("this is a camera raw file");
        default:
            unsupported("the TIFF picture has colours of a kind (photometric interpretation " +
                        std::to_string(photometric) + ")" + advice);
    }
}

}  // namespace

TiffKind find_tiff_kind(TIFF* tiff, Description& image) {
    const auto bits = tiff_field<uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE, 1);
    const auto samples = tiff_field<uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    const auto compression = tiff_field<uint16_t>(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    uint16_t photometric = samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
    if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric))
        image.notes.emplace_back(
            "the TIFF picture does not say what its samples mean; taken for grey or RGB");
    if (photometric == PHOTOMETRIC_LOGL || photometric == PHOTOMETRIC_LOGLUV) refuse_photometric(photometric);
    check_samples(tiff, bits, compression);
    TiffKind kind;
    kind.bits = bits;
    kind.is_signed = tiff_field<uint16_t>(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT) == SAMPLEFORMAT_INT;
    uint32_t colours = 1;
    switch (photometric) {
        case PHOTOMETRIC_MINISBLACK:
        case PHOTOMETRIC_MINISWHITE:
        case PHOTOMETRIC_MASK:
            break;
        case PHOTOMETRIC_PALETTE:
            kind.palette = true;
            if (kind.narrowed())
                damaged("the TIFF file is damaged: it has a palette and " + std::to_string(bits) +
                        " bits per sample");
            kind.colour = Colour::kRgb;
            break;
        case PHOTOMETRIC_YCBCR:
            kind.as_rgb = compression != COMPRESSION_JPEG;
            if (samples != 3 || bits != 8) refuse_photometric(photometric);
            if (!kind.as_rgb) TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
            if (compression == COMPRESSION_JPEG || compression == COMPRESSION_OJPEG)
                image.notes.emplace_back(
                    "the TIFF picture is a JPEG inside; its colours are what libtiff makes of it");
            else
                image.lost.emplace_back("its YCbCr samples, for the colours that libtiff makes of them");
            kind.converted = true;
            [[fallthrough]];
        // As three samples; what they mean is kept with the metadata, and only a TIFF can say it.
        case PHOTOMETRIC_CIELAB:
        case PHOTOMETRIC_ICCLAB:
        case PHOTOMETRIC_RGB:
            kind.colour = Colour::kRgb;
            colours = 3;
            break;
        case PHOTOMETRIC_SEPARATED:
            if (tiff_field<uint16_t>(tiff, TIFFTAG_INKSET, INKSET_CMYK) != INKSET_CMYK)
                unsupported(
                    "the TIFF picture has other inks than cyan, magenta, yellow and black; convert it to "
                    "CMYK or RGB first");
            kind.colour = Colour::kCmyk;
            colours = 4;
            break;
        default:
            refuse_photometric(photometric);
    }
    if (samples < colours)
        damaged("the TIFF file is damaged: it has " + count_of(samples, "sample") +
                " per pixel, too few for its colours");
    const uint32_t extra = samples - colours;
    if (extra > 1)
        unsupported("the TIFF picture has " + count_of(extra, "channel") +
                    " beside its colours; Residua keeps one, alpha: save the others apart first, for example "
                    "with vips extract_band");
    kind.alpha = extra == 1;
    uint16_t count = 0;
    uint16_t* meaning = nullptr;
    if (kind.alpha && (!TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &count, &meaning) || count == 0 ||
                       meaning[0] == EXTRASAMPLE_UNSPECIFIED))
        image.notes.emplace_back("a channel of no stated meaning is kept as alpha");
    return kind;
}

}  // namespace image_io
