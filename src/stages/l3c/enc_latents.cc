#include "stages/l3c/enc_latents.h"

#include <algorithm>
#include <cstring>

#include "image/padding.h"
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

// a / b to the nearest, halves up; b > 0.
int64_t rounded_quotient(int64_t a, int64_t b) {
    const int64_t n = 2 * a + b, d = 2 * b;
    return n / d - (n % d < 0);
}

// Sums of G − 128, R − G and B − G over blocks of 2×2 samples of the next finer sums, from the pixels up.
void make_averages(const models::L3cModel& model, const PictureView& x, int width, int height, Known& known,
                   Session& session) {
    const int threads = session.threads.size();
    Buffer<uint8_t> pixels(session.allocator, product(threads, 2, kRgb, width));
    Buffer<int32_t> finer, sums;
    for (int s = 1; s <= model.scales; ++s) {
        known.z[static_cast<size_t>(s)].emplace(session.allocator, width >> s, height >> s, kRgb);
        Picture& z = *known.z[static_cast<size_t>(s)];
        const ptrdiff_t stride = static_cast<ptrdiff_t>(z.width) * kRgb;
        sums = {session.allocator, static_cast<uint64_t>(stride) * static_cast<uint64_t>(z.height)};
        session.threads.parallel_for(z.height, [&](int64_t row, int thread) {
            const int y = static_cast<int>(row);
            int32_t* sum = sums.data() + row * stride;
            if (s == 1) {
                uint8_t* upper = pixels.data() + static_cast<ptrdiff_t>(thread) * 2 * kRgb * width;
                uint8_t* lower = upper + static_cast<ptrdiff_t>(kRgb) * width;
                fill_padded_rgb_row(x, width, 2 * y, upper);
                fill_padded_rgb_row(x, width, 2 * y + 1, lower);
                for (int i = 0; i < z.width; ++i) {
                    int rgb[kRgb];
                    for (int c = 0; c < kRgb; ++c) {
                        const int at = 2 * i * kRgb + c;
                        rgb[c] = upper[at] + upper[at + kRgb] + lower[at] + lower[at + kRgb];
                    }
                    sum[i * kRgb] = rgb[1] - 4 * kCentre;
                    sum[i * kRgb + 1] = rgb[0] - rgb[1];
                    sum[i * kRgb + 2] = rgb[2] - rgb[1];
                }
            } else {
                const int32_t* upper = finer.data() + 4 * row * stride;  // two rows of twice the width
                const int32_t* lower = upper + 2 * stride;
                for (int i = 0; i < z.width * kRgb; ++i) {
                    const int at = i / kRgb * 2 * kRgb + i % kRgb;
                    sum[i] = upper[at] + upper[at + kRgb] + lower[at] + lower[at + kRgb];
                }
            }
            for (int i = 0; i < z.width * kRgb; ++i) {
                // Steps are in 1/64 of a pixel's value.
                const int64_t symbol = rounded_quotient(int64_t{64} * sum[i],
                                                        int64_t{model.anchor_step(1, i % kRgb)} << (2 * s));
                z.row(y)[i] = static_cast<uint8_t>(
                    kCentre + std::clamp<int64_t>(symbol, model.lowest(), model.highest()));
            }
        });
        finer = std::move(sums);
        session.progress.update(0);
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
    if (model.kind == models::LatentKind::kLearned && !model.encoder)
        make_averages(model, x, width, height, known, session);
    else if (model.kind == models::LatentKind::kLearned)
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
    Buffer<uint8_t> padded_rows(session.allocator, product(threads, row_bytes));
    Buffer<int16_t> filtered(session.allocator, product(threads, chunk_samples));
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
