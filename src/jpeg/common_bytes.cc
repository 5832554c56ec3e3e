#include "jpeg/common_bytes.h"

#include <string>
#include <string_view>

#include "jpeg/huffman.h"

namespace residua::jpeg {

namespace {

using namespace std::string_view_literals;

class Writer {
  public:
    std::string text;

    void put(std::string_view part) { text += part; }
    void put_byte(int byte) { text += static_cast<char>(byte); }
    // The content of a DHT segment, from the table's kind and number on.
    void table(bool ac, bool chroma) {
        const HuffmanTable table = standard_table(ac, chroma);
        put_byte((ac ? 0x10 : 0) | (chroma ? 1 : 0));
        size_t total = 0;
        for (size_t length = 1; length <= 16; ++length) {
            put_byte(table.counts[length]);
            total += table.counts[length];
        }
        for (size_t i = 0; i < total; ++i) put_byte(table.symbols[i]);
    }
};

std::string make_common_bytes() {
    Writer w;
    // Less likely things first: what was seen last is nearest.
    w.put(
        "\xFF\xED\0\x38Photoshop 3.0\0"
        "8BIM\x04\x04\0\0\0\0\0\0"
        "8BIM\x04\x25\0\0\0\0\0\x10"sv);
    w.put(
        "\xFF\xE2\0\0MPF\0MM\0\x2A\0\0\0\x08\0\x03\xB0\0\0\x07\0\0\0\x04"
        "0100\xB0\x01\0\x04\0\0\0\x01\0\0\0\x02"sv);
    w.put(
        "\xFF\xE1\0\0http://ns.adobe.com/xap/1.0/\0<?xpacket begin=\"\xEF\xBB\xBF\" "
        "id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\" x:xmptk=\"XMP Core 5.4.0\">\n"
        "   <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
        "      <rdf:Description rdf:about=\"\"\n            xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\""
        " xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
        "xmlns:photoshop=\"http://ns.adobe.com/photoshop/1.0/\">\n"
        "      </rdf:Description>\n   </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>"sv);
    w.put(
        "\xFF\xE2\x0C\x58ICC_PROFILE\0\x01\x01\0\0\x0CHLino\x02\x10\0\0mntrRGB XYZ "
        "\x07\xCE\0\x02\0\x09\0\x06\0\x31\0\0"
        "acspMSFT\0\0\0\0IEC sRGB\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xF6\xD6\0\x01\0\0\0\0\xD3-"sv);
    w.put(
        "\xFF\xE1\0\0Exif\0\0MM\0*"
        "\0\0\0\x08\0\x0B\x01\x0F\0\x02\0\0\0\x06\0\0\0\x92\x01\x10\0\x02\0\0\0\x16\0\0\0\x98"
        "\x01\x12\0\x03\0\0\0\x01\0\x01\0\0\x01\x1A\0\x05\0\0\0\x01\0\0\0\xAE\x01\x1B\0\x05\0\0\0\x01\0\0\0"
        "\xB6"
        "\x01\x28\0\x03\0\0\0\x01\0\x02\0\0\x87\x69\0\x04\0\0\0\x01\0\0\0\xEE\0\0\0\x48\0\0\0\x01"sv);
    w.put(
        "\xFF\xE1\0\0Exif\0\0II*"
        "\0\x08\0\0\0\x0B\0\x0F\x01\x02\0\x06\0\0\0\x92\0\0\0\x10\x01\x02\0\x16\0\0\0\x98\0\0\0"
        "\x12\x01\x03\0\x01\0\0\0\x01\0\0\0\x1A\x01\x05\0\x01\0\0\0\xAE\0\0\0\x1B\x01\x05\0\x01\0\0\0\xB6\0\0"
        "\0"
        "\x28\x01\x03\0\x01\0\0\0\x02\0\0\0\x13\x02\x03\0\x01\0\0\0\x01\0\0\0\x69\x87\x04\0\x01\0\0\0\xEE\0\0"
        "\0"
        "\0\x90\x07\0\x04\0\0\0"
        "0220\x01\x91\x07\0\x04\0\0\0\x01\x02\x03\0\0\xA0\x07\0\x04\0\0\0"
        "0100"sv);
    w.put(
        "\xFF\xEE\0\x0E"
        "Adobe\0d\0\0\0\0\x01"sv);
    w.put("\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xFF\xDB\0\x43\0"sv);
    w.put("\xFF\xDB\0\x43\x01\xFF\xC2\0\x11\x08\0\0\0\0\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xFF\xC4\0"sv);
    w.put("\xFF\xDA\0\x0C\x03\x01\0\x02\x11\x03\x11\0\x00\x01"sv);
    w.put("\xFF\xC0\0\x11\x08\0\0\0\0\x03\x01\x22\0\x02\x11\x01\x03\x11\x01"sv);
    // One segment for all tables, and one for each.
    w.put("\xFF\xC4\x01\xA2"sv);
    for (const bool chroma : {false, true})
        for (const bool ac : {false, true}) w.table(ac, chroma);
    for (const bool chroma : {false, true})
        for (const bool ac : {false, true}) {
            w.put(ac ? "\xFF\xC4\0\xB5"sv : "\xFF\xC4\0\x1F"sv);
            w.table(ac, chroma);
        }
    w.put("\xFF\xDA\0\x0C\x03\x01\0\x02\x11\x03\x11\0\x3F\0\xFF\xD9"sv);
    w.put("\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01\x01\x01\0\x48\0\x48\0\0\xFF\xDB\0\x43\0"sv);
    return std::move(w.text);
}

}  // namespace

std::span<const uint8_t> common_bytes() {
    static const std::string kText = make_common_bytes();
    return {reinterpret_cast<const uint8_t*>(kText.data()), kText.size()};
}

}  // namespace residua::jpeg
