//===- profile_report.cc - a recorded profile for people ------------------===//
//
// Implements the table and the trace.
//
//===----------------------------------------------------------------------===//
#include "core/profile_report.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "formats/status_macros.h"

namespace minimax::runtime {

namespace {

// FLOPs, bytes and time of one or more executions.
struct Figures {
  int64_t calls = 0;
  int64_t nanoseconds = 0;
  double flops = 0;
  double bytes = 0;
  // The least time that flops and bytes need at the peaks.
  double bound_seconds = 0;

  double seconds() const { return static_cast<double>(nanoseconds) * 1e-9; }
  double Rate(double amount) const {
    return nanoseconds > 0 ? amount / static_cast<double>(nanoseconds) : 0;
  }
  double Fraction() const {
    return nanoseconds > 0 ? bound_seconds / seconds() : 0;
  }
  void Add(const Figures& other) {
    calls += other.calls;
    nanoseconds += other.nanoseconds;
    flops += other.flops;
    bytes += other.bytes;
    bound_seconds += other.bound_seconds;
  }
};

// Figures of executions. Those of one step come one after the other, so costs
// are evaluated once for each op and step.
class Evaluator {
 public:
  Evaluator(const Profile& profile, const ProfilePeaks& peaks)
      : profile_(profile), peaks_(peaks) {}

  Figures Of(const OpExecution& execution) {
    const ManifestOp& op = profile_.manifest().ops[execution.op];
    if (std::exchange(step_, execution.step) != execution.step) costs_.clear();
    const auto [known, is_new] = costs_.try_emplace(execution.op);
    if (is_new) {
      const auto& sequences = profile_.steps()[execution.step].sequences;
      known->second = {EvaluateCost(op.flops, sequences),
                       EvaluateCost(op.bytes, sequences)};
    }
    Figures figures;
    figures.calls = 1;
    figures.nanoseconds = execution.end - execution.start;
    figures.flops = static_cast<double>(known->second.first);
    figures.bytes = static_cast<double>(known->second.second);
    const double peak =
        op.dtype == DType::kF32 ? peaks_.f32_flops : peaks_.bf16_flops;
    figures.bound_seconds =
        std::max(peak > 0 ? figures.flops / peak : 0,
                 peaks_.bytes > 0 ? figures.bytes / peaks_.bytes : 0);
    return figures;
  }

 private:
  const Profile& profile_;
  const ProfilePeaks& peaks_;
  int32_t step_ = -1;
  std::map<int32_t, std::pair<int64_t, int64_t>> costs_;
};

// Collects text and writes it in large pieces.
class Writer {
 public:
  explicit Writer(AtomicFile& file) : file_(file) {}

  template <typename... Args>
  void Append(const absl::FormatSpec<Args...>& format, const Args&... args) {
    constexpr size_t kPiece = 1 << 20;
    absl::StrAppendFormat(&text_, format, args...);
    if (text_.size() >= kPiece) Flush();
  }

  absl::Status Finish() {
    Flush();
    return status_;
  }

 private:
  void Flush() {
    if (status_.ok()) status_ = file_.Write(text_);
    text_.clear();
  }

  AtomicFile& file_;
  std::string text_;
  absl::Status status_;
};

}  // namespace

static std::string Label(const ManifestOp& op) {
  return op.weight.empty() ? op.name : absl::StrCat(op.name, " ", op.weight);
}

static bool IsDecoding(const ProfiledStep& step) {
  return std::all_of(step.sequences.begin(), step.sequences.end(),
                     [](const SequencePart& part) { return part.tokens <= 1; });
}

static std::string Row(const std::string& label, const Figures& figures,
                       int64_t total, bool with_bound) {
  std::string row = absl::StrFormat(
      "%-32s %8d %11.3f %6.1f%% %9.2f %9.2f", label, figures.calls,
      static_cast<double>(figures.nanoseconds) * 1e-6,
      total > 0 ? 100.0 * figures.nanoseconds / total : 0.0,
      figures.Rate(figures.flops), figures.Rate(figures.bytes));
  if (with_bound) absl::StrAppendFormat(&row, " %7.2f", figures.Fraction());
  return row + "\n";
}

// The table of one phase, or nothing if it has no steps.
static std::string Table(const Profile& profile, const ProfilePeaks& peaks,
                         bool decoding) {
  int64_t total = 0;
  int64_t steps = 0;
  int64_t tokens = 0;
  for (const ProfiledStep& step : profile.steps()) {
    if (IsDecoding(step) != decoding) continue;
    ++steps;
    total += step.end - step.start;
    for (const SequencePart& part : step.sequences) tokens += part.tokens;
  }
  if (steps == 0) return "";
  Evaluator evaluator(profile, peaks);
  std::map<std::string, Figures> by_label;
  Figures all;
  for (const OpExecution& execution : profile.executions()) {
    if (IsDecoding(profile.steps()[execution.step]) != decoding) continue;
    const Figures figures = evaluator.Of(execution);
    by_label[Label(profile.manifest().ops[execution.op])].Add(figures);
    all.Add(figures);
  }
  std::vector<std::pair<std::string, Figures>> rows(by_label.begin(),
                                                    by_label.end());
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return a.second.nanoseconds > b.second.nanoseconds;
  });
  std::string text = absl::StrFormat(
      "%s: %d steps, %d tokens, %.3f ms\n%-32s %8s %11s %7s %9s %9s%s\n",
      decoding ? "decode" : "prompt", steps, tokens, total * 1e-6, "op",
      "calls", "ms", "share", "GFLOP/s", "GB/s",
      peaks.known() ? "  bound" : "");
  for (const auto& [label, figures] : rows) {
    text += Row(label, figures, total, peaks.known());
  }
  return text + Row("all ops", all, total, peaks.known());
}

std::string ProfileTable(const Profile& profile, const ProfilePeaks& peaks) {
  return absl::StrCat(Table(profile, peaks, /*decoding=*/false),
                      Table(profile, peaks, /*decoding=*/true));
}

// Microseconds since the first step.
static double Microseconds(const Profile& profile, int64_t time) {
  return static_cast<double>(time - profile.steps().front().start) * 1e-3;
}

// Names come from the manifest, which holds what the compiler wrote; quotes and
// control characters have no place in them.
static std::string JsonName(absl::string_view name) {
  std::string text(name);
  for (char& c : text) {
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < ' ') c = '_';
  }
  return text;
}

static void WriteSteps(const Profile& profile, Writer& writer) {
  for (size_t i = 0; i < profile.steps().size(); ++i) {
    const ProfiledStep& step = profile.steps()[i];
    int64_t tokens = 0;
    for (const SequencePart& part : step.sequences) tokens += part.tokens;
    writer.Append(
        ",\n{\"name\":\"%s\",\"ph\":\"X\",\"pid\":1,\"tid\":0,\"ts\":%.3f,"
        "\"dur\":%.3f,\"args\":{\"step\":%d,\"tokens\":%d,\"sequences\":%d}}",
        JsonName(step.entry), Microseconds(profile, step.start),
        (step.end - step.start) * 1e-3, i, tokens, step.sequences.size());
  }
}

static void WriteOps(const Profile& profile, const ProfilePeaks& peaks,
                     Writer& writer) {
  Evaluator evaluator(profile, peaks);
  for (const OpExecution& execution : profile.executions()) {
    const ManifestOp& op = profile.manifest().ops[execution.op];
    const Figures figures = evaluator.Of(execution);
    writer.Append(
        ",\n{\"name\":\"%s\",\"cat\":\"op\",\"ph\":\"X\",\"pid\":1,\"tid\":0,"
        "\"ts\":%.3f,\"dur\":%.3f,\"args\":{\"op\":%d,\"function\":\"%s\","
        "\"layer\":%d,\"step\":%d,\"flops\":%.0f,\"bytes\":%.0f,"
        "\"gflop_per_s\":%.3f,\"gbyte_per_s\":%.3f",
        JsonName(Label(op)), Microseconds(profile, execution.start),
        figures.nanoseconds * 1e-3, execution.op, JsonName(op.function),
        execution.layer, execution.step, figures.flops, figures.bytes,
        figures.Rate(figures.flops), figures.Rate(figures.bytes));
    if (peaks.known()) {
      writer.Append(",\"fraction_of_bound\":%.4f", figures.Fraction());
    }
    writer.Append("}}");
  }
}

static void WriteLanes(const Profile& profile, Writer& writer) {
  for (size_t lane = 0; lane < profile.lanes().size(); ++lane) {
    writer.Append(
        ",\n{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":1,\"tid\":%d,"
        "\"args\":{\"name\":\"thread %d%s\"}}",
        lane + 1, lane, lane == 0 ? " (caller)" : "");
    for (const TileRun& run : profile.lanes()[lane]) {
      const OpExecution& execution = profile.executions()[run.execution];
      writer.Append(
          ",\n{\"name\":\"%s\",\"cat\":\"tiles\",\"ph\":\"X\",\"pid\":1,"
          "\"tid\":%d,\"ts\":%.3f,\"dur\":%.3f,\"args\":{\"tiles\":%d,"
          "\"layer\":%d,\"step\":%d}}",
          JsonName(Label(profile.manifest().ops[execution.op])), lane + 1,
          Microseconds(profile, run.start), (run.end - run.start) * 1e-3,
          run.tiles, execution.layer, execution.step);
    }
  }
}

absl::Status WriteProfileTrace(const Profile& profile,
                               const ProfilePeaks& peaks, AtomicFile& file) {
  Writer writer(file);
  writer.Append(
      "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"
      "{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":1,\"tid\":0,\"args\":"
      "{\"name\":\"ops\"}}");
  WriteSteps(profile, writer);
  WriteOps(profile, peaks, writer);
  WriteLanes(profile, writer);
  writer.Append("\n]}\n");
  return writer.Finish();
}

}  // namespace minimax::runtime
