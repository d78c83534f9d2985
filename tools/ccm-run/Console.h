// SPDX-License-Identifier: Apache-2.0
// Standard output for results, standard error for everything else, and signals.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace ccm::run {

/// Makes standard streams safe to use: closed ones are not handed to the next file that is opened,
/// and writing to a closed pipe is an error instead of a signal. False when there is no standard
/// output to print results to.
bool prepareStreams();

/// SIGINT and SIGTERM end the process with exit code 130 at once.
void exitOnSignals();

/// From now on the first SIGINT or SIGTERM sets this flag, and the next one ends the process.
const std::atomic<bool> &stopOnSignals();

/// Writes to standard output; `finishOutput` tells whether all of it arrived.
void print(const std::string &text);

/// Prints one JSON object on a line of its own. Numbers that are not finite become null.
void print(const nlohmann::ordered_json &object);

/// Whether everything printed so far has left the process.
bool finishOutput();

/// Whether standard error is a terminal on which a line can be drawn again.
bool redrawsErrors();

/// Writes to standard error, in one piece. Nobody reading it is no reason to stop.
void writeError(const std::string &text);

/// Writes one line to standard error, clear of a progress bar.
void note(const std::string &line);

/// `value` with so many significant digits at most, in every locale alike.
std::string digits(double value, int count);

/// `value` with at least so many significant digits and no exponent where it is between 0.001 and
/// 10^9: equally wide for values of one size, as columns and lines that are redrawn need it.
std::string steadyDigits(double value, int count);

/// Seconds as "1:02:03" or "2:03".
std::string clockTime(double seconds);

/// Seconds since it was made.
class Stopwatch {
public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

private:
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
};

} // namespace ccm::run
