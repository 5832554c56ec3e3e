#include "stages/rc/enc_q_choice.h"

#include <string>
#include <vector>

#include "image/enc_windows.h"
#include "image/padding.h"
#include "nn/executor.h"

namespace residua::codec {

namespace {

// docs/lab/q-classifier.md has what other numbers give.
constexpr WindowPlan kWindows = {.side = 64, .share = 1, .min_windows = 1, .max_windows = 64};

PictureView part_of(const PictureView& x, const SampleWindow& window) {
    return {x.row(window.y) + ptrdiff_t{window.x} * x.channels, window.width, window.height, x.channels,
            x.stride};
}

}  // namespace

int classify_q(const models::QClassifier& classifier, const PictureView& x, Session& session) {
    const nn::Network& network = classifier.network;
    const std::vector<SampleWindow> windows = sample_windows(x.width, x.height, kWindows);
    const int align = network.graph().align;
    const int width = padded(windows[0].width, align), height = padded(windows[0].height, align);
    nn::Executor executor(network, width, height, session.allocator, session.threads);
    const auto channels = static_cast<size_t>(network.type(network.graph().outputs[0].node).channels);
    std::vector<int64_t> sums(channels);
    int64_t positions = 0;
    for (const SampleWindow& window : windows) {
        session.progress.update(0);
        const PictureView part = part_of(x, window);
        executor.run([&](int y, uint8_t* row) { fill_padded_rgb_row(part, width, y, row); },
                     [&](const nn::Executor::OutputRows& rows) {
                         for (int y = rows.first_row_of(0); y < rows.end_row_of(0); ++y) {
                             const int16_t* features = rows.row(0, y);
                             for (int i = 0; i < rows.width(0); ++i, features += channels)
                                 for (size_t c = 0; c < channels; ++c) sums[c] += features[c];
                             positions += rows.width(0);
                         }
                     });
    }
    return classifier.scores.best_q(sums, positions);
}

int choose_q(int asked, int bit_depth, const models::LossyDefaults& defaults,
             const models::QClassifier* classifier, const PictureView& x, Session& session) {
    if (asked > 0) return asked;
    // What suits one bit depth says little about another one.
    const bool trained_depth = bit_depth == 0 || bit_depth == defaults.bit_depth;
    const WorkScope choice(session.clock, Work::kQClassifier);
    const bool classify = asked == 0 && trained_depth && classifier;
    const int q = classify ? classify_q(*classifier, x, session) : defaults.q;
    session.log(LogLevel::kDebug, "Q " + std::to_string(q) +
                                      (classify ? ", chosen by the model's Q-classifier (" +
                                                      std::to_string(defaults.q) + " without it)"
                                                : ", the model's default"));
    return q;
}

}  // namespace residua::codec
