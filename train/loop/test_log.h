// What a run left in its log.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace residua::train {

// The lines of one event in a run's log.jsonl.
inline std::vector<nlohmann::json> log_lines(const std::string& run, const std::string& event) {
    std::vector<nlohmann::json> lines;
    std::ifstream file(run + "/log.jsonl");
    for (std::string line; std::getline(file, line);) {
        nlohmann::json entry = nlohmann::json::parse(line);
        if (entry.at("event") == event) lines.push_back(std::move(entry));
    }
    return lines;
}

}  // namespace residua::train
