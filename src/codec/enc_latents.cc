#include "codec/enc_latents.h"

#include <algorithm>
#include <cstring>

#include "codec/padding.h"
#include "nn/executor.h"

namespace residua::codec {

namespace {

constexpr int kRgb = models::kPictureChannels;
constexpr int kCentre = 128;  // the byte of symbol 0

constexpr int kTaps[] = {-3, -9, 29, 111, 111, 29, -9, -3};
constexpr int kTapCount = 8;
constexpr int kReach = 3;       // of the taps beyond the two samples that become one
constexpr int kChunkRows = 16;  // of the output that a thread makes at once

void quantise_row(const int16_t* from, int count, const models::L3cLatent& latent, uint8_t* to) {
    const int low = latent.lowest(), high = latent.highest();
    constexpr int kHalf = 1 << (models::kEncoderUnitLog2 - 1);
    for (int i = 0; i < count; ++i)
        to[i] = static_cast<uint8_t>(kCentre +
                                     std::clamp((from[i] + kHalf) >> models::kEncoderUnitLog2, low, high));
}

void run_encoder(const models::L3cModel& model, const PictureView& x, int width, int height, Known& known,
                 Session& session) {
    for (int s = 1; s <= model.scales; ++s)
        known.z[static_cast<size_t>(s)].emplace(session.allocator, width >> s, height >> s, model.channels);
    nn::Executor executor(*model.encoder, width, height, session.allocator, session.threads);
    executor.run([&](int y, uint8_t* row) { fill_padded_rgb_row(x, width, y, row); },
                 [&](const nn::Executor::OutputRows& rows) {
                     for (int s = 1; s <= model.scales; ++s) {
                         Picture& z = *known.z[static_cast<size_t>(s)];
                         const int output = s - 1;
                         for (int y = rows.first_row_of(output); y < rows.end_row_of(output); ++y)
                             quantise_row(rows.row(output, y), z.width * z.channels, model, z.row(y));
                     }
                     const int done = rows.end_row_of(0);
                     session.progress.update(static_cast<double>(done) / known.z[1]->height);
                 });
}

void make_pyramid(const models::L3cModel& model, const PictureView& x, int width, int height, Known& known,
                  Session& session) {
    known.z[1] = halve_rgb([&](int y, uint8_t* row) { fill_padded_rgb_row(x, width, y, row); }, width, height,
                           session);
    for (int s = 2; s <= model.scales; ++s) {
        const Picture& finer = *known.z[static_cast<size_t>(s - 1)];
        known.z[static_cast<size_t>(s)] = halve_rgb(
            [&](int y, uint8_t* row) { std::memcpy(row, finer.row(y), static_cast<size_t>(finer.stride())); },
            finer.width, finer.height, session);
    }
}

// One row of p to one of h. `padded` has kReach pixels of space on both sides of the row.
void filter_row(uint8_t* padded, int width, int16_t* out) {
    uint8_t* row = padded + kReach * kRgb;
    for (int i = 1; i <= kReach; ++i) {
        std::memcpy(row - i * kRgb, row, kRgb);
        std::memcpy(row + (width - 1 + i) * kRgb, row + (width - 1) * kRgb, kRgb);
    }
    for (int i = 0; i < width / 2; ++i) {
        for (int c = 0; c < kRgb; ++c) {
            int sum = 8;
            for (int j = 0; j < kTapCount; ++j) sum += kTaps[j] * padded[(2 * i + j) * kRgb + c];
            out[i * kRgb + c] = static_cast<int16_t>(sum >> 4);
        }
    }
}

// kTapCount rows of h, `samples` numbers each, to one of the output.
void filter_column(const int16_t* rows, int samples, uint8_t* out) {
    for (int i = 0; i < samples; ++i) {
        int sum = 1 << 11;
        for (int j = 0; j < kTapCount; ++j) sum += kTaps[j] * rows[j * samples + i];
        out[i] = static_cast<uint8_t>(std::clamp(sum >> 12, 0, 255));
    }
}

}  // namespace

void find_latents(const models::L3cModel& model, const PictureView& x, Known& known, Session& session) {
    const int width = padded(x.width, 1 << model.scales), height = padded(x.height, 1 << model.scales);
    if (model.kind == models::LatentKind::kLearned)
        run_encoder(model, x, width, height, known, session);
    else
        make_pyramid(model, x, width, height, known, session);
}

Picture halve_rgb(const std::function<void(int y, uint8_t* row)>& rows, int width, int height,
                  Session& session) {
    Picture out(session.allocator, width / 2, height / 2, kRgb);
    const int samples = out.width * kRgb;
    const size_t row_bytes = static_cast<size_t>(width + 2 * kReach) * kRgb;
    const size_t chunk_samples = static_cast<size_t>(samples) * (2 * kChunkRows + 2 * kReach);
    const auto threads = static_cast<size_t>(session.threads.size());
    Buffer<uint8_t> padded_rows(session.allocator, threads * row_bytes);
    Buffer<int16_t> filtered(session.allocator, threads * chunk_samples);
    session.threads.parallel_for((out.height + kChunkRows - 1) / kChunkRows, [&](int64_t chunk, int thread) {
        uint8_t* row = padded_rows.data() + static_cast<size_t>(thread) * row_bytes;
        int16_t* h = filtered.data() + static_cast<size_t>(thread) * chunk_samples;
        const int first = static_cast<int>(chunk) * kChunkRows;
        const int end = std::min(first + kChunkRows, out.height);
        for (int y = 2 * first - kReach; y < 2 * end + kReach; ++y) {
            rows(std::clamp(y, 0, height - 1), row + kReach * kRgb);
            filter_row(row, width, h + static_cast<ptrdiff_t>(y - (2 * first - kReach)) * samples);
        }
        for (int k = first; k < end; ++k)
            filter_column(h + static_cast<ptrdiff_t>(2 * (k - first)) * samples, samples, out.row(k));
    });
    return out;
}

}  // namespace residua::codec
