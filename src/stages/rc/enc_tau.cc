#include "stages/rc/enc_tau.h"

#include <algorithm>
#include <cmath>

#include "container/layout.h"
#include "entropy/code_length.h"
#include "image/enc_windows.h"
#include "stages/rc/enc_tau_search.h"
#include "stages/rc/pass.h"

namespace residua::codec {

namespace {

// Windows are as large as the crops that networks are trained on, so that their edges are nothing new to the
// network. docs/lab/tau.md has what other numbers give.
constexpr WindowPlan kWindows = {.side = 64, .share = 32, .min_windows = 4, .max_windows = 16};
// That the search evaluates some thirty times.
constexpr int kMaxSamplePixels = 8192;
constexpr int kChunkPixels = 1024;  // that a thread evaluates at once

uint64_t varint_bytes(uint64_t value) { return value < 0x80 ? 1 : 1 + varint_bytes(value >> 7); }

// The bytes that tau takes in a file: its box.
uint64_t box_bytes(size_t numbers) { return 1 + varint_bytes(numbers) + numbers; }

// What differs in size between drafts of the same picture.
uint64_t tile_bytes(const Draft& draft) {
    uint64_t sum = 0;
    for (const auto& stage : draft.streams)
        for (const CountedBytes& tile : stage) sum += tile.bytes.size() + varint_bytes(tile.bytes.size());
    return sum;
}

FinePicture copy(const FineView& from, const SampleWindow& window, Allocator& allocator) {
    FinePicture part(allocator, window.width, window.height, from.channels);
    for (int y = 0; y < window.height; ++y)
        std::copy_n(from.row(window.y + y) + static_cast<ptrdiff_t>(window.x) * from.channels,
                    window.width * from.channels, part.row(y));
    return part;
}

// Some pixels' symbols, and the parameters that the network gives for them; one pixel after the other, as if
// they were one row.
class Sample : public TileCoder {
  public:
    Sample(const PictureView& x, const CodedPlanes& planes, const models::RcModel& model, Session& session)
        : x_(x),
          planes_(planes),
          session_(session),
          pitch_(model.tables.channels * model.tables.components),
          fine_(model.conditioning == models::Conditioning::kFine),
          windows_(sample_windows(x.width, x.height, kWindows)) {
        int seen = 0, kept = 0;
        for (const SampleWindow& window : windows_) seen += window.width * window.height;
        row_step_ = std::max(1, (seen + kMaxSamplePixels - 1) / kMaxSamplePixels);
        for (const SampleWindow& window : windows_)
            for (int y = 0; y < window.height; ++y) kept += keeps_row(y) ? window.width : 0;
        for (Buffer<int16_t>* numbers : {&mu_, &log_sigma_, &weight_, &lambda_})
            *numbers = {session.allocator, product(kept, pitch_)};
        symbols_ = {session.allocator, product(kept, planes.channels)};
        origin_ = {session.allocator, product(kept, planes.channels)};
    }

    void collect(const FineView& lossy, const models::RcModel& model) {
        // The whole pass reports its own progress later.
        Progress silent;
        Session session{session_.allocator, session_.threads, silent, session_.log};
        for (const SampleWindow& window : windows_) {
            session_.progress.update(0);
            window_ = &window;
            FinePicture part = copy(lossy, window, session.allocator);
            const Tiling whole = {window.width, window.height, window.width, window.height};
            run_residual_pass(model, part.view(), whole, *this, session);
        }
        const std::vector<int8_t> none;
        for (int i = 0; i < session_.threads.size(); ++i)
            coders_.emplace_back(model.tables, planes_.alphabet, none, planes_.channels);
    }

    void begin_tile(int, int) override {}
    void end_tile(int, int) override {}
    void code_row(int y, int, const entropy::RowParameters& row, int) override {
        if (!keeps_row(y)) return;
        const int channels = planes_.channels, first = window_->x * channels, picture_y = window_->y + y;
        const int count = window_->width * channels;
        const auto keep = [this](const int16_t* from, int per_pixel, Buffer<int16_t>& to) {
            std::copy_n(from, window_->width * per_pixel, to.data() + ptrdiff_t{pixels_} * per_pixel);
        };
        keep(row.mu, pitch_, mu_);
        keep(row.log_sigma, pitch_, log_sigma_);
        keep(row.weight, pitch_, weight_);
        keep(row.lambda, pitch_, lambda_);
        if (fine_) keep(row.origin, channels, origin_);
        planes_.base.to_symbols(x_.row(picture_y) + first, picture_y, first, count,
                                symbols_.data() + ptrdiff_t{pixels_} * channels);
        pixels_ += window_->width;
    }

    int pixels() const { return pixels_; }

    // In 2^−16 bits.
    TauCosts cost(std::span<const int8_t> tau) {
        std::vector<int8_t> whole(tau.begin(), tau.end());
        whole.resize(static_cast<size_t>(pitch_));
        for (entropy::MixtureCoder& coder : coders_) coder.set_tau(whole);
        const int chunks = (pixels_ + kChunkPixels - 1) / kChunkPixels;
        std::vector<std::array<uint64_t, kMaxTauChannels>> units(static_cast<size_t>(chunks));
        session_.threads.parallel_for(chunks, [&](int64_t chunk, int thread) {
            const int first = static_cast<int>(chunk) * kChunkPixels;
            add_cost(first, std::min(kChunkPixels, pixels_ - first), coders_[static_cast<size_t>(thread)],
                     units[static_cast<size_t>(chunk)].data());
        });
        session_.progress.update(0);
        TauCosts sum{};
        for (const auto& part : units)
            for (size_t c = 0; c < part.size(); ++c) sum[c] += static_cast<int64_t>(part[c]);
        return sum;
    }

  private:
    bool keeps_row(int y) const { return y % row_step_ == row_step_ / 2; }

    void add_cost(int first, int count, entropy::MixtureCoder& coder, uint64_t* units) const {
        const int channels = planes_.channels;
        const ptrdiff_t at = first;
        entropy::RowParameters row = {mu_.data() + at * pitch_, log_sigma_.data() + at * pitch_,
                                      weight_.data() + at * pitch_, lambda_.data() + at * pitch_};
        if (fine_) row.origin = origin_.data() + at * channels;
        entropy::Interval intervals[kChunkPixels * kMaxTauChannels];
        coder.intervals(row, count, symbols_.data() + at * channels, intervals);
        entropy::add_code_lengths({intervals, static_cast<size_t>(count * channels)}, count, channels, units);
    }

    const PictureView x_;
    const CodedPlanes& planes_;
    Session& session_;
    const int pitch_;  // numbers per pixel
    const bool fine_;
    const std::vector<SampleWindow> windows_;
    int row_step_;  // of a window's rows one in so many is kept
    const SampleWindow* window_ = nullptr;
    int pixels_ = 0;
    Buffer<int16_t> mu_, log_sigma_, weight_, lambda_, origin_, symbols_;
    std::vector<entropy::MixtureCoder> coders_;  // [thread]
};

CodedPlanes with_tau(CodedPlanes planes, std::span<const int8_t> tau) {
    planes.tau = tau;
    return planes;
}

Draft draft_with_tau(const Draft& plain, std::vector<int8_t> tau) {
    Draft draft;
    draft.header.tau = std::move(tau);
    draft.streams.resize(plain.streams.size());
    return draft;
}

}  // namespace

std::vector<int8_t> find_tau(const PictureView& x, const FineView& lossy, const CodedPlanes& planes,
                             const models::RcModel& model, Session& session) {
    Sample sample(x, planes, model, session);
    sample.collect(lossy, model);
    const FoundTau found = search_tau(planes.channels, model.tables.components,
                                      [&](std::span<const int8_t> tau) { return sample.cost(tau); });
    const double saved_bits = std::ldexp(static_cast<double>(found.saved), -entropy::kBitUnitsLog2) *
                              x.width * x.height / sample.pixels();
    if (saved_bits / 8 <= static_cast<double>(box_bytes(found.tau.size()))) return {};
    return found.tau;
}

TauWriter::TauWriter(const CodedPlanes& plain, std::vector<int8_t> tau, const PictureView& samples,
                     Draft& draft, Session& session)
    : draft_(draft),
      other_(draft_with_tau(draft, std::move(tau))),
      planes_(with_tau(plain, other_.header.tau)),
      plain_writer_(plain, samples, draft, session),
      tau_writer_(planes_, samples, other_, session) {}

void TauWriter::begin_tile(int tile_row, int column) {
    plain_writer_.begin_tile(tile_row, column);
    tau_writer_.begin_tile(tile_row, column);
}

void TauWriter::code_row(int y, int column, const entropy::RowParameters& parameters, int thread) {
    plain_writer_.code_row(y, column, parameters, thread);
    tau_writer_.code_row(y, column, parameters, thread);
}

void TauWriter::end_tile(int tile_row, int column) {
    plain_writer_.end_tile(tile_row, column);
    tau_writer_.end_tile(tile_row, column);
}

bool TauWriter::choose() {
    // A byte less at least, for the number that counts the head's bytes may become one byte longer.
    if (tile_bytes(other_) + box_bytes(other_.header.tau.size()) >= tile_bytes(draft_)) return false;
    draft_.streams = std::move(other_.streams);
    draft_.header.tau = std::move(other_.header.tau);
    return true;
}

}  // namespace residua::codec
