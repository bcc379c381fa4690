//===- Report.cpp - timing and output of the peer programs ----------------===//
//
// Repetitions as in minimax-bench: each repeats the call until it has taken
// the least time asked for; the median of the repetitions is the result.
//
//===----------------------------------------------------------------------===//
#include "Report.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>

using namespace peers;

[[noreturn]] static void fail(const char *program, const std::string &what) {
  std::fprintf(stderr, "%s: %s\n", program, what.c_str());
  std::exit(2);
}

static CaseName parseCase(const char *program, std::string_view text) {
  size_t first = text.find('/'), last = text.rfind('/');
  if (first == std::string_view::npos || first == last)
    fail(program,
         "expected suite/name/dtype, but got '" + std::string(text) + "'");
  return {std::string(text.substr(0, first)),
          std::string(text.substr(first + 1, last - first - 1)),
          std::string(text.substr(last + 1))};
}

Options peers::parseOptions(int argc, char **argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    std::string_view argument = argv[i];
    size_t equals = argument.find('=');
    std::string_view flag = argument.substr(0, equals);
    std::string value(equals == std::string_view::npos
                          ? std::string_view()
                          : argument.substr(equals + 1));
    if (flag == "--cases") {
      for (size_t at = 0; at < value.size();) {
        size_t end = std::min(value.find(',', at), value.size());
        options.cases.push_back(
            parseCase(argv[0], std::string_view(value).substr(at, end - at)));
        at = end + 1;
      }
    } else if (flag == "--threads") {
      options.threads = std::atoi(value.c_str());
    } else if (flag == "--repetitions") {
      options.repetitions = std::atoi(value.c_str());
    } else if (flag == "--min-time") {
      options.minTime = std::atof(value.c_str());
    } else if (flag == "--max-time") {
      options.maxTime = std::atof(value.c_str());
    } else if (flag == "--clock" && (value == "wall" || value == "cpu")) {
      options.cpuClock = value == "cpu";
    } else if (flag == "--openblas") {
      options.openblas = value;
    } else {
      fail(argv[0], "unknown argument '" + std::string(argument) + "'");
    }
  }
  if (options.threads < 1 || options.repetitions < 1)
    fail(argv[0], "threads and repetitions must be positive");
  if (options.cpuClock && options.threads > 1)
    fail(argv[0], "--clock=cpu measures one thread only");
  return options;
}

std::vector<int64_t> peers::numbersAfter(std::string_view prefix,
                                         std::string_view name) {
  std::vector<int64_t> numbers;
  if (!name.starts_with(prefix))
    return numbers;
  const char *at = name.data() + prefix.size();
  const char *end = name.data() + name.size();
  while (at < end) {
    int64_t value = 0;
    auto [next, error] = std::from_chars(at, end, value);
    if (error == std::errc())
      numbers.push_back(value);
    at = error == std::errc() ? next : at + 1;
  }
  return numbers;
}

static double seconds(bool cpuClock) {
  timespec time;
  clock_gettime(cpuClock ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &time);
  return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

Report::Result Report::measure(const CaseName &name, const Case &one) const {
  double begin = seconds(false);
  auto time = [&](int64_t iterations) {
    double start = seconds(options.cpuClock);
    for (int64_t i = 0; i < iterations; ++i)
      one.run();
    return (seconds(options.cpuClock) - start) / double(iterations);
  };
  double once = time(1);
  int64_t iterations = 1;
  std::vector<double> times;
  if (once >= 1) {
    // What the first run does besides, touching memory, is lost in a second.
    times.push_back(once);
  } else {
    once = std::max(time(1), 1e-9);
    iterations =
        std::max<int64_t>(1, int64_t(std::ceil(options.minTime / once)));
  }
  while (int(times.size()) < options.repetitions &&
         (times.empty() || seconds(false) - begin < options.maxTime))
    times.push_back(time(iterations));
  std::sort(times.begin(), times.end());
  double median = (times[(times.size() - 1) / 2] + times[times.size() / 2]) / 2;
  return {name,       median,     times.front(), times.back(),
          one.flops,  one.bytes,  one.tokens,    int64_t(times.size()),
          iterations, one.variant};
}

void Report::run(const Makers &makers) {
  for (const CaseName &name : options.cases)
    for (const Maker &make : makers(name))
      results.push_back(measure(name, make()));
}

void Report::print() const {
  std::printf("{\"schema\": 1, \"environment\": {\"program\": \"%s\", "
              "\"version\": \"%s\", \"threads\": %d, \"clock\": \"%s\"},\n"
              " \"peaks\": {}, \"results\": [",
              program.c_str(), version.c_str(), options.threads,
              options.cpuClock ? "cpu" : "wall");
  const char *separator = "";
  for (const Result &r : results) {
    std::printf("%s\n  {\"suite\": \"%s\", \"name\": \"%s\", \"dtype\": "
                "\"%s\", \"threads\": %d, \"repetitions\": %lld, "
                "\"iterations\": %lld, \"median_s\": %.6g, \"min_s\": %.6g, "
                "\"max_s\": %.6g, \"flops\": %.0f, \"bytes\": %.0f, "
                "\"tokens\": %.0f, \"variant\": \"%s\"}",
                separator, r.name.suite.c_str(), r.name.name.c_str(),
                r.name.dtype.c_str(), options.threads,
                static_cast<long long>(r.repetitions),
                static_cast<long long>(r.iterations), r.median, r.lowest,
                r.highest, r.flops, r.bytes, r.tokens, r.variant.c_str());
    separator = ",";
  }
  std::printf("\n]}\n");
}

std::vector<float> peers::randomNumbers(size_t count) {
  // Of prime length, so that rows differ; drawing all would take seconds.
  static const std::vector<float> drawn = [] {
    std::minstd_rand generator(1);
    std::uniform_real_distribution<float> distribution(-0.5f, 0.5f);
    std::vector<float> numbers(1000003);
    for (float &number : numbers)
      number = distribution(generator);
    return numbers;
  }();
  std::vector<float> numbers(count);
  for (size_t at = 0; at < count; at += drawn.size())
    std::copy_n(drawn.begin(), std::min(drawn.size(), count - at),
                numbers.begin() + int64_t(at));
  return numbers;
}
