// The memory of one band's light coder.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "jpeg/coefficients/layout.h"
#include "jpeg/coefficients/light_model.h"

namespace residua::jpeg {

LightPlan light_plan(const std::vector<ComponentShape>& components, int component);

class LightState {
  public:
    // Coefficient: int16_t for a decoder, const int16_t for an encoder.
    template <class Coefficient>
    LightWork<Coefficient> ac_work(const Layout& layout, int band, std::span<const int16_t* const> dc,
                                   std::span<Coefficient* const> coefficients);
    template <class Dc>
    DcWork<Dc> dc_work(const Layout& layout, int band, std::span<Dc* const> dc);

  private:
    std::vector<std::unique_ptr<LightPlan>> plans_;
    std::unique_ptr<LightAcModel> ac_[3];
    std::unique_ptr<LightDcModel> dc_[3];
    std::vector<std::vector<LightBlock>> blocks_;
    std::vector<std::vector<int16_t>> errors_;
};

}  // namespace residua::jpeg
