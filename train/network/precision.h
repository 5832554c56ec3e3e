// Whether a run's convolutions are in float32 or in bfloat16.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace residua::train {

enum class Precision {
    kMeasured,  // what is faster where the run begins: not every processor that has bfloat16 is
    kFloat32,
    kBfloat16,
};

// Of one convolution, forward and backward.
struct ConvolutionSeconds {
    double float32 = 0, bfloat16 = 0;
};

// float32 unless bfloat16 is clearly faster.
Precision faster(const ConvolutionSeconds& seconds);

// What kMeasured comes to. recorded: in the checkpoint of a run that resumes, which goes on as it began;
// kMeasured there for one from before this was recorded, when bfloat16 was the default. Elsewhere than on the
// CPU bfloat16. `measure` is called only where all depends on it.
Precision settled(Precision said, std::optional<Precision> recorded, bool cpu,
                  const std::function<ConvolutionSeconds()>& measure);

// Medians of a few 3×3 convolutions of so many features, on the CPU, as most of the networks' are. Takes
// about a second at most where both are fast.
ConvolutionSeconds measure_convolutions(int features, int batch, int crop);

}  // namespace residua::train
