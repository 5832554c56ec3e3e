#include "loop/stop_signals.h"

namespace residua::train {

namespace {

volatile std::sig_atomic_t g_received = 0;

void receive(int) { g_received = 1; }

}  // namespace

StopSignals::StopSignals() {
    g_received = 0;
    interrupt_ = std::signal(SIGINT, receive);
    terminate_ = std::signal(SIGTERM, receive);
}

StopSignals::~StopSignals() {
    std::signal(SIGINT, interrupt_);
    std::signal(SIGTERM, terminate_);
}

bool StopSignals::received() const { return g_received != 0; }

}  // namespace residua::train
