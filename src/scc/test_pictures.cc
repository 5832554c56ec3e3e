#include "scc/test_pictures.h"

#include <algorithm>

namespace residua::scc {
namespace {

using Paint = std::vector<int>;

class Painter {
  public:
    Painter(TestTile& tile, uint32_t seed) : tile_(tile), view_(tile.view()), sequence_(seed) {}

    int below(int limit) { return sequence_.below(limit); }
    int width() const { return view_.width; }
    int height() const { return view_.height; }

    Paint colour() {
        Paint colour;
        for (int c = 0; c < view_.channels; ++c) colour.push_back(below(tile_.most() + 1));
        return colour;
    }
    void put(int y, int x, const Paint& colour) {
        if (y < 0 || x < 0 || y >= view_.height || x >= view_.width) return;
        for (int c = 0; c < view_.channels; ++c) tile_.put(y, x, c, colour[static_cast<size_t>(c)]);
    }
    void rectangle(int top, int left, int rows, int columns, const Paint& colour) {
        for (int y = top; y < top + rows; ++y)
            for (int x = left; x < left + columns; ++x) put(y, x, colour);
    }

    // Lines of glyphs out of six kinds; smooth ones have edges between ink and ground.
    void text(bool smooth) {
        const Paint ground = colour(), ink = colour();
        Paint edge;
        for (size_t c = 0; c < ink.size(); ++c) edge.push_back((ink[c] + 2 * ground[c]) / 3);
        rectangle(0, 0, height(), width(), ground);
        std::vector<uint32_t> glyphs(6);
        for (uint32_t& glyph : glyphs) glyph = sequence_.next() | sequence_.next() << 16;
        for (int top = 2; top + 8 < height(); top += 10)
            for (int left = 1; left < width(); left += 6) {
                const uint32_t glyph = glyphs[static_cast<size_t>(below(6))];
                if (below(5) == 0) continue;
                for (int i = 0; i < 32; ++i) {
                    if ((glyph >> i & 1) == 0) continue;
                    put(top + i / 4, left + i % 4, ink);
                    if (smooth && i % 4 == 3) put(top + i / 4, left + 4, edge);
                }
            }
    }

    void gradient(int top, int left, int rows, int columns) {
        const Paint from = colour();
        const int down = 1 + below(3), right = 1 + below(2);
        for (int y = 0; y < rows; ++y)
            for (int x = 0; x < columns; ++x) {
                Paint here = from;
                for (int& sample : here)
                    sample = std::min(sample / 2 + down * y + right * x / 2, tile_.most());
                put(top + y, left + x, here);
            }
    }

    void noise(int top, int left, int rows, int columns) {
        for (int y = 0; y < rows; ++y)
            for (int x = 0; x < columns; ++x) put(top + y, left + x, colour());
    }

  private:
    TestTile& tile_;
    TileView view_;
    Sequence sequence_;
};

}  // namespace

void draw(TestTile& tile, Content content, uint32_t seed) {
    Painter painter(tile, seed);
    const int rows = painter.height(), columns = painter.width();
    switch (content) {
        case Content::kFlat:
            painter.rectangle(0, 0, rows, columns, painter.colour());
            painter.rectangle(rows / 2, columns / 2, 3, 7, painter.colour());
            return;
        case Content::kText:
        case Content::kSmoothText:
            painter.text(content == Content::kSmoothText);
            return;
        case Content::kGradient:
            painter.gradient(0, 0, rows, columns);
            return;
        case Content::kNoise:
            painter.noise(0, 0, rows, columns);
            return;
        case Content::kMixed:
            break;
    }
    painter.text(true);
    painter.gradient(rows / 3, columns / 2, rows / 4, columns / 3);
    painter.noise(2 * rows / 3, columns / 8, rows / 6, columns / 4);
    std::vector<Paint> colours;
    colours.reserve(7);
    for (int i = 0; i < 7; ++i) colours.push_back(painter.colour());
    for (int i = 0; i < 12; ++i) {
        const Paint& colour = colours[static_cast<size_t>(painter.below(7))];
        const int top = painter.below(rows), left = painter.below(columns);
        painter.rectangle(top, left, 1 + painter.below(4), 1 + painter.below(9), colour);
    }
}

}  // namespace residua::scc
