#include "bytes/common_metadata.h"

#include <string>
#include <string_view>

#include "bytes/srgb_curve.h"

namespace residua::bytes {

namespace {

using namespace std::string_view_literals;

std::string make_common_metadata() {
    std::string text;
    const auto put = [&text](std::string_view part) { text += part; };
    const auto put_u16 = [&text](int value) {
        text += static_cast<char>(value >> 8);
        text += static_cast<char>(value & 0xFF);
    };
    // Less likely things first: what was seen last is nearest.
    put("<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\" x:xmptk=\"Adobe XMP Core 5.6.0\">\n"
        " <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
        "  <rdf:Description rdf:about=\"\"\n"
        "    xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\"\n"
        "    xmlns:dc=\"http://purl.org/dc/elements/1.1/\"\n"
        "    xmlns:tiff=\"http://ns.adobe.com/tiff/1.0/\"\n"
        "    xmlns:exif=\"http://ns.adobe.com/exif/1.0/\"\n"
        "    xmlns:photoshop=\"http://ns.adobe.com/photoshop/1.0/\"\n"
        "    xmlns:xmpMM=\"http://ns.adobe.com/xap/1.0/mm/\"\n"
        "    xmlns:stEvt=\"http://ns.adobe.com/xap/1.0/sType/ResourceEvent#\"\n"
        "    xmlns:crs=\"http://ns.adobe.com/camera-raw-settings/1.0/\"\n"
        "   xmp:CreateDate=\"2020-01-01T00:00:00+00:00\"\n"
        "   xmp:ModifyDate=\"2020-01-01T00:00:00+00:00\"\n"
        "   xmp:MetadataDate=\"2020-01-01T00:00:00+00:00\"\n"
        "   xmp:CreatorTool=\"Adobe Photoshop Lightroom\"\n"
        "   dc:format=\"image/png\"\n"
        "   photoshop:ColorMode=\"3\"\n"
        "   photoshop:ICCProfile=\"sRGB IEC61966-2.1\"\n"
        "   xmpMM:InstanceID=\"xmp.iid:\"\n"
        "   xmpMM:DocumentID=\"xmp.did:\"\n"
        "   xmpMM:OriginalDocumentID=\"xmp.did:\">\n"
        "   <xmpMM:History>\n    <rdf:Seq>\n     <rdf:li\n      stEvt:action=\"saved\"\n"
        "      stEvt:instanceID=\"xmp.iid:\"\n      stEvt:when=\"2020-01-01T00:00:00+00:00\"\n"
        "      stEvt:softwareAgent=\"Adobe Photoshop\"\n      stEvt:changed=\"/\"/>\n"
        "    </rdf:Seq>\n   </xmpMM:History>\n"
        "   <dc:title>\n    <rdf:Alt>\n     <rdf:li xml:lang=\"x-default\"></rdf:li>\n"
        "    </rdf:Alt>\n   </dc:title>\n"
        "   <dc:subject>\n    <rdf:Bag>\n     <rdf:li></rdf:li>\n    </rdf:Bag>\n   </dc:subject>\n"
        "   <tiff:Orientation>1</tiff:Orientation>\n"
        "   <exif:PixelXDimension></exif:PixelXDimension>\n"
        "   <exif:PixelYDimension></exif:PixelYDimension>\n"
        "  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>"sv);
    put("MM\0*\0\0\0\x08\0\x0B\x01\x0F\0\x02\0\0\0\x06\0\0\0\x92\x01\x10\0\x02\0\0\0\x16\0\0\0\x98"
        "\x01\x12\0\x03\0\0\0\x01\0\x01\0\0\x01\x1A\0\x05\0\0\0\x01\0\0\0\xAE\x01\x1B\0\x05\0\0\0\x01\0\0\0"
        "\xB6\x01\x28\0\x03\0\0\0\x01\0\x02\0\0\x01\x31\0\x02\0\0\0\x14\0\0\0\xBE\x01\x32\0\x02\0\0\0\x14\0\0"
        "\0\xD2\x87\x69\0\x04\0\0\0\x01\0\0\0\xEE\0\0\0\0\0\0\0\x48\0\0\0\x01\0\0\0\x48\0\0\0\x01"
        "\xA0\x02\0\x04\0\0\0\x01\0\0\0\0\xA0\x03\0\x04\0\0\0\x01\0\0\0\0\0\0\0\0"
        "2020:01:01 00:00:00\0"sv);
    put("II*\0\x08\0\0\0\x0B\0\x0F\x01\x02\0\x06\0\0\0\x92\0\0\0\x10\x01\x02\0\x16\0\0\0\x98\0\0\0"
        "\x12\x01\x03\0\x01\0\0\0\x01\0\0\0\x1A\x01\x05\0\x01\0\0\0\xAE\0\0\0\x1B\x01\x05\0\x01\0\0\0\xB6\0"
        "\0\0\x28\x01\x03\0\x01\0\0\0\x02\0\0\0\x31\x01\x02\0\x14\0\0\0\xBE\0\0\0\x32\x01\x02\0\x14\0\0\0\xD2"
        "\0\0\0\x69\x87\x04\0\x01\0\0\0\xEE\0\0\0\0\0\0\0\x48\0\0\0\x01\0\0\0\x48\0\0\0\x01\0\0\0"
        "\x02\xA0\x04\0\x01\0\0\0\0\0\0\0\x03\xA0\x04\0\x01\0\0\0\0\0\0\0\0\0\0\0"
        "2020:01:01 00:00:00\0"sv);
    // Profiles of version 4 and 2; the numbers of sRGB, Display P3 and Adobe RGB.
    put("\0\0\x02\x18"
        "appl\x04\0\0\0mntrRGB XYZ \x07\xE6\0\x01\0\x01\0\0\0\0\0\0acspAPPL\0\0\0\0APPL"
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xF6\xD6\0\x01\0\0\0\0\xD3-appl"
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x0A"
        "desc\0\0\0\xFC\0\0\0\x30"
        "cprt\0\0\x01\x2C\0\0\0\x50wtpt\0\0\x01\x7C\0\0\0\x14rXYZ\0\0\x01\x90\0\0\0\x14gXYZ\0\0\x01\xA4"
        "\0\0\0\x14"
        "bXYZ\0\0\x01\xB8\0\0\0\x14rTRC\0\0\x01\xCC\0\0\0\x20"
        "chad\0\0\x01\xEC\0\0\0\x2C"
        "bTRC\0\0\x01\xCC\0\0\0\x20gTRC\0\0\x01\xCC\0\0\0\x20"
        "mluc\0\0\0\0\0\0\0\x01\0\0\0\x0C"
        "enUS\0\0\0\x14\0\0\0\x1C\0D\0i\0s\0p\0l\0a\0y\0 \0P\0\x33"
        "mluc\0\0\0\0\0\0\0\x01\0\0\0\x0C"
        "enUS\0\0\0\x34\0\0\0\x1C\0C\0o\0p\0y\0r\0i\0g\0h\0t\0 \0I\0n\0c\0.\0,\0 \0\x32\0\x30\0\x32\0\x32"
        "XYZ \0\0\0\0\0\0\xF6\xD5\0\x01\0\0\0\0\xD3,"
        "XYZ \0\0\0\0\0\0\x83\xDF\0\0=\xBF\xFF\xFF\xFF\xBBXYZ \0\0\0\0\0\0J\xBF\0\0\xB1\x37\0\0\x0A\xB9"
        "XYZ \0\0\0\0\0\0\x28\x38\0\0\x11\x0B\0\0\xC8\xB9"
        "para\0\0\0\0\0\x03\0\0\0\x02"
        "ff\0\0\xF2\xA7\0\0\rY\0\0\x13\xD0\0\0\n["
        "sf32\0\0\0\0\0\x01\x0C\x42\0\0\x05\xDE\xFF\xFF\xF3\x26\0\0\x07\x93\0\0\xFD\x90\xFF\xFF\xFB\xA2"
        "\xFF\xFF\xFD\xA3\0\0\x03\xDC\0\0\xC0n"sv);
    put("\0\0\x02\x30"
        "ADBE\x02\x10\0\0mntrRGB XYZ \x07\xCF\0\x06\0\x03\0\0\0\0\0\0acspAPPL\0\0\0\0none"
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xF6\xD6\0\x01\0\0\0\0\xD3-ADBE"
        "desc\0\0\0\0\0\0\0\x11"
        "Adobe RGB (1998)\0"
        "XYZ \0\0\0\0\0\0\x9C\x18\0\0O\xA5\0\0\x04\xFC"
        "XYZ \0\0\0\0\0\0\x34\x8D\0\0\xA0,\0\0\x0F\x95XYZ \0\0\0\0\0\0\x26\x31\0\0\x10/\0\0\xBE\x9C"
        "curv\0\0\0\0\0\0\0\x01\x02\x33"sv);
    put("lcms\x04\x30\0\0mntrRGB XYZ GRAYacspAPPL\0\0\0\0lcmsdmnd\0\0\0\0dmdd\0\0\0\0chrm\0\0\0\0"
        "mluc\0\0\0\0\0\0\0\x01\0\0\0\x0C"
        "enUS\0\0\0$\0\0\0\x1C\0G\0I\0M\0P\0 \0b\0u\0i\0l\0t\0-\0i\0n\0 \0s\0R\0G\0B"
        "\0P\0u\0b\0l\0i\0c\0 \0D\0o\0m\0a\0i\0n\0\0"
        "para\0\0\0\0\0\x03\0\0\0\x02"
        "ff\0\0\xF2\xA7\0\0\rY\0\0\x13\xD0\0\0\n["
        "chrm\0\0\0\0\0\x03\0\0\0\0\xA3\xD7\0\0T|\0\0L\xCD\0\0\x99\x9A\0\0&g\0\0\x0F\\"sv);
    put("\0\0\x0CHLino\x02\x10\0\0mntrRGB XYZ \x07\xCE\0\x02\0\x09\0\x06\0\x31\0\0acspMSFT\0\0\0\0IEC sRGB"
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xF6\xD6\0\x01\0\0\0\0\xD3-HP  "
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x11"
        "cprt\0\0\x01P\0\0\0\x33"
        "desc\0\0\x01\x84\0\0\0lwtpt\0\0\x01\xF0\0\0\0\x14"
        "bkpt\0\0\x02\x04\0\0\0\x14rXYZ\0\0\x02\x18\0\0\0\x14gXYZ\0\0\x02,\0\0\0\x14"
        "bXYZ\0\0\x02@\0\0\0\x14"
        "dmnd\0\0\x02T\0\0\0p"
        "dmdd\0\0\x02\xC4\0\0\0\x88vued\0\0\x03L\0\0\0\x86view\0\0\x03\xD4\0\0\0$lumi\0\0\x03\xF8\0\0\0\x14"
        "meas\0\0\x04\x0C\0\0\0$tech\0\0\x04\x30\0\0\0\x0CrTRC\0\0\x04<\0\0\x08\x0CgTRC\0\0\x04<\0\0\x08\x0C"
        "bTRC\0\0\x04<\0\0\x08\x0Ctext\0\0\0\0Copyright (c) \0\0"
        "desc\0\0\0\0\0\0\0\x12sRGB IEC61966-2.1\0\0\0\0\0\0\0\0\0\0\0\x12sRGB IEC61966-2.1\0"
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
        "XYZ \0\0\0\0\0\0\xF3Q\0\x01\0\0\0\x01\x16\xCCXYZ \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
        "XYZ \0\0\0\0\0\0o\xA2\0\0\x38\xF5\0\0\x03\x90XYZ \0\0\0\0\0\0b\x99\0\0\xB7\x85\0\0\x18\xDA"
        "XYZ \0\0\0\0\0\0$\xA0\0\0\x0F\x84\0\0\xB6\xCF"
        "desc\0\0\0\0\0\0\0\x16IEC http://www.iec.ch\0\0\0\0\0\0\0\0\0\0\0\x16IEC http://www.iec.ch\0"
        "desc\0\0\0\0\0\0\0.IEC 61966-2.1 Default RGB colour space - sRGB\0"
        "desc\0\0\0\0\0\0\0,Reference Viewing Condition in IEC61966-2.1\0"
        "view\0\0\0\0\0\x13\xA4\xFE\0\x14_.\0\x10\xCF\x14\0\x03\xED\xCC\0\x04\x13\x0B\0\x03\\\x9E\0\0\0\x01"
        "XYZ \0\0\0\0\0L\x09V\0P\0\0\0W\x1F\xE7meas\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
        "\0\0\0\0\0\0\x02\x8F\0\0\0\x02sig \0\0\0\0CRT curv\0\0\0\0\0\0\x04\0"sv);
    for (const uint16_t value : kSrgbCurve) put_u16(value);
    // As boxes.
    put("\x84\x11\x08png:tEXtSoftware\0\x84\x20\x08png:tEXt"
        "date:create\0"
        "2020-01-01T00:00:00+00:00\x84\x20\x08png:tEXt"
        "date:modify\0"
        "2020-01-01T00:00:00+00:00\x84\x10\x08png:tEXtComment\0\x84\x14\x08png:tEXt"
        "Author\0\x84\x14\x08png:iTXtXML:com.adobe.xmp\0\0\0\0\0"
        "\x84\x14\x08png:iCCPICC profile\0\x84\x0D\x08png:sBIT\x08\x08\x08\x08"
        "\x84\x0F\x08png:bKGD\0\xFF\0\xFF\0\xFF\x84\x10\x08png:tIME\x07\xE4\x01\x01\0\0\0"
        "\x84\x29\x08png:cHRM\0\0z&\0\0\x80\x84\0\0\xFA\0\0\0\x80\xE8\0\0u0\0\0\xEA`\0\0:\x98\0\0\x17p"
        "\x84\x0D\x08png:gAMA\0\0\xB1\x8F\x84\x0A\x08png:sRGB\0\x84\x12\x08png:"
        "pHYs\0\0\x0B\x13\0\0\x0B\x13\x01"
        "\x84\x12\x08png:pHYs\0\0\x0E\xC4\0\0\x0E\xC4\x01\x84\x89\x06\x08png:PLTE\0\0\0\xFF\xFF\xFF"sv);
    return text;
}

}  // namespace

std::span<const uint8_t> common_metadata() {
    static const std::string kText = make_common_metadata();
    return {reinterpret_cast<const uint8_t*>(kText.data()), kText.size()};
}

}  // namespace residua::bytes
