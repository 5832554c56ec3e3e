#include "image_io/formats.h"

#include <string>
#include <string_view>

#include "image_io/source_bytes.h"

namespace image_io {

namespace {

using namespace std::string_view_literals;

struct Format {
    size_t offset;
    std::string_view mark;
    const char* name;
    const char* advice;
};

constexpr const char* kConvert =
    "convert it to PNG or TIFF first, for example with ImageMagick (magick INPUT OUTPUT.png)";
constexpr const char* kJxl = "convert it to PNG first, for example with djxl INPUT OUTPUT.png";
constexpr const char* kHeif = "convert it to PNG first, for example with heif-convert INPUT OUTPUT.png";
constexpr const char* kAvif = "convert it to PNG first, for example with avifdec INPUT OUTPUT.png";
constexpr const char* kJp2 = "convert it to PNG or TIFF first, for example with opj_decompress";
constexpr const char* kRaw =
    "its sensor data are no picture yet: keep the file as it is, or develop it to PNG or TIFF first, for "
    "example with darktable or RawTherapee";
constexpr const char* kDrawing = "it is a drawing without pixels: render it to PNG first";
constexpr const char* kFloats =
    "its samples are fractions, which cannot be kept exactly: convert it to integers of up to 16 bits first";
constexpr const char* kVideo = "Residua codes single pictures";

// Longer marks come before shorter ones of the same beginning.
constexpr Format kFormats[] = {
    {0, "\xff\x0a"sv, "JPEG XL", kJxl},
    {0, "\0\0\0\x0cJXL \r\n\x87\n"sv, "JPEG XL", kJxl},
    {4, "ftypavif"sv, "AVIF", kAvif},
    {4, "ftypavis"sv, "AVIF", kAvif},
    {4, "ftypheic"sv, "HEIC", kHeif},
    {4, "ftypheix"sv, "HEIC", kHeif},
    {4, "ftyphevc"sv, "HEIC", kHeif},
    {4, "ftypheim"sv, "HEIC", kHeif},
    {4, "ftypheis"sv, "HEIC", kHeif},
    {4, "ftypmif1"sv, "HEIF", kHeif},
    {4, "ftypmsf1"sv, "HEIF", kHeif},
    {4, "ftypcrx "sv, "Canon CR3 camera raw", kRaw},
    {4, "ftyp"sv, "video (MP4 or QuickTime)", kVideo},
    {0, "\0\0\0\x0cjP  \r\n\x87\n"sv, "JPEG 2000", kJp2},
    {0, "\xff\x4f\xff\x51"sv, "JPEG 2000", kJp2},
    {0, "8BPS\0\2"sv, "Photoshop PSB", kConvert},
    {0, "8BPS"sv, "Photoshop PSD", kConvert},
    {0, "\x76\x2f\x31\x01"sv, "OpenEXR", kFloats},
    {0, "#?RADIANCE"sv, "Radiance HDR", kFloats},
    {0, "#?RGBE"sv, "Radiance HDR", kFloats},
    {0, "PF\n"sv, "PFM", kFloats},
    {0, "Pf\n"sv, "PFM", kFloats},
    {0, "PF\r"sv, "PFM", kFloats},
    {0, "Pf\r"sv, "PFM", kFloats},
    {0, "PF "sv, "PFM", kFloats},
    {0, "Pf "sv, "PFM", kFloats},
    {0, "PF4\n"sv, "PFM", kFloats},
    {0, "%PDF-"sv, "PDF", "render its pages to PNG first, for example with pdftoppm -png"},
    {0, "%!PS"sv, "PostScript", kDrawing},
    {0, "\xc5\xd0\xd3\xc6"sv, "PostScript (EPS)", kDrawing},
    {0, "<svg"sv, "SVG", kDrawing},
    {128, "DICM"sv, "DICOM", "convert it to PNG or TIFF first, for example with dcm2pnm of DCMTK"},
    {0, "SIMPLE  ="sv, "FITS", "convert it to 16-bit PNG or TIFF first, for example with astropy or Siril"},
    {0, "\x8aMNG\r\n\x1a\n"sv, "animated MNG", kVideo},
    {0, "\x8bJNG\r\n\x1a\n"sv, "JNG", kConvert},
    {0, "FUJIFILMCCD-RAW"sv, "Fujifilm RAF camera raw", kRaw},
    {0, "IIRO"sv, "Olympus ORF camera raw", kRaw},
    {0, "IIRS"sv, "Olympus ORF camera raw", kRaw},
    {0, "MMOR"sv, "Olympus ORF camera raw", kRaw},
    {0, "IIU\0"sv, "Panasonic RW2 camera raw", kRaw},
    {0, "\0MRM"sv, "Minolta MRW camera raw", kRaw},
    {0, "FOVb"sv, "Sigma X3F camera raw", kRaw},
    {6, "HEAPCCDR"sv, "Canon CRW camera raw", kRaw},
    {0, "II\xbc"sv, "JPEG XR", kConvert},
    {0, "gimp xcf"sv, "GIMP XCF", kConvert},
    {0, "SDPX"sv, "DPX", kConvert},
    {0, "XPDS"sv, "DPX", kConvert},
    {0,
     "\xab"
     "KTX"sv,
     "KTX texture", kConvert},
    {0, "DDS "sv, "DirectDraw DDS", kConvert},
    {0, "\x01\xda"sv, "SGI", kConvert},
    {0, "farbfeld"sv, "farbfeld", "convert it to PNG first, for example with ff2png"},
    {0, "FLIF"sv, "FLIF", "convert it to PNG first, for example with flif -d INPUT OUTPUT.png"},
    {0, "BPG\xfb"sv, "BPG", "convert it to PNG first, for example with bpgdec"},
    {0, "/* XPM"sv, "XPM", kConvert},
    {0, "#define"sv, "XBM", kConvert},
    {0, "\x0a\x05\x01"sv, "PCX", kConvert},
    {0, "\x59\xa6\x6a\x95"sv, "Sun raster", kConvert},
    {0, "BA"sv, "OS/2 bitmap array", kConvert},
};

[[noreturn]] void refuse(const Format& format) {
    unsupported(std::string("this is a ") + format.name + " file, which Residua does not read; " +
                format.advice);
}

}  // namespace

void refuse_format(std::span<const uint8_t> beginning) {
    if (starts_with(beginning, "\x89RSD"sv))
        damaged("this is a Residua file already; to get its picture: residua decode");
    if (beginning.empty()) damaged("the file is empty");
    for (const Format& format : kFormats)
        if (beginning.size() > format.offset && starts_with(beginning.subspan(format.offset), format.mark))
            refuse(format);
    const std::string_view text(reinterpret_cast<const char*>(beginning.data()), beginning.size());
    if (text.starts_with("<?xml") || text.starts_with("<!--") || text.starts_with("<!DOCTYPE"))
        if (text.find("<svg") != text.npos || text.find("svg") != text.npos) refuse({0, "", "SVG", kDrawing});
    damaged(
        "this is not a picture of a format that Residua reads: PNG, JPEG, TIFF, WebP, BMP, GIF, ICO, QOI, "
        "PNM or PAM");
}

}  // namespace image_io
