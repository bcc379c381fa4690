//===- InterpretTool.cpp - flags of minimax-interpret ---------------------===//
//
// Reads the command line and the module, then runs a function or a model.
//
//===----------------------------------------------------------------------===//

#include "InterpretTool.h"
#include "Main.h"
#include "minimax/InitAll.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace mlir::minimax;
namespace cl = llvm::cl;

static cl::OptionCategory category("minimax-interpret");
static cl::opt<std::string> input(cl::Positional, cl::Required,
                                  cl::desc("<file.mlir>"), cl::cat(category));
static cl::opt<std::string> entry("entry", cl::cat(category),
                                  cl::desc("function to run"));
static cl::opt<std::string>
    argsFile("args", cl::cat(category),
             cl::desc("safetensors file with the arguments, by their "
                      "minimax.name or as arg<i>"));
static cl::opt<std::string>
    outFile("out", cl::cat(category),
            cl::desc("safetensors file for results, by their minimax.name or "
                     "as result<i>, and for final states; default: printed"));
static cl::opt<bool> randomArgs("random", cl::cat(category),
                                cl::desc("random arguments; --args overrides"));
static cl::opt<uint64_t> seed("seed", cl::cat(category), cl::init(1),
                              cl::desc("seed of random arguments and weights"));
static cl::opt<std::string>
    dims("dim", cl::cat(category),
         cl::desc("sizes of random arguments: T=<tokens>,N=<sequences>"));
static cl::opt<std::string> weights("weights", cl::cat(category),
                                    cl::desc("folder of the checkpoint"));
static cl::list<std::string>
    tokens("tokens", cl::cat(category),
           cl::desc("run a model on these token ids; once for each sequence"));
static cl::opt<std::string>
    tokensFile("tokens-file", cl::cat(category),
               cl::desc("the same from a file: one sequence a line"));
static cl::opt<int64_t> newTokens("max-new-tokens", cl::cat(category),
                                  cl::desc("tokens to continue greedily"));
static cl::opt<int64_t>
    chunk("chunk", cl::cat(category),
          cl::desc("prompt tokens of a sequence in one step; default: all"));
static cl::opt<std::string> logits("logits", cl::cat(category),
                                   cl::desc("file for logits.<i>"));
static cl::opt<std::string>
    hidden("hidden", cl::cat(category),
           cl::desc("file for what layers computed, <name>.<i>"));
static cl::opt<std::string>
    states("states", cl::cat(category),
           cl::desc("file for the last states, <name>.<i>"));
static cl::opt<bool> json("json", cl::cat(category),
                          cl::desc("print tokens and likelihoods as JSON"));
static cl::opt<bool> single("f32", cl::cat(category),
                            cl::desc("write floats as f32 instead of f64"));

/// The sequences of --tokens and --tokens-file.
static llvm::Error readTokens(std::vector<SmallVector<int64_t>> &sequences) {
  std::string text;
  for (const std::string &line : tokens)
    text += line + "\n";
  if (!tokensFile.empty()) {
    std::string message;
    auto file = openInputFile(tokensFile, &message);
    if (!file)
      return makeError(message);
    text += file->getBuffer().str();
  }
  auto parsed = parseTokens(text);
  if (!parsed)
    return parsed.takeError();
  sequences = std::move(*parsed);
  return llvm::Error::success();
}

static llvm::Error runChosen(ModuleOp module, Interpreter &interpreter) {
  if (!entry.empty()) {
    FunctionRun run = {entry, argsFile, outFile, randomArgs, {}, single};
    run.inputs.seed = seed;
    auto inputs = run.inputs.withDims(dims);
    if (!inputs)
      return inputs.takeError();
    run.inputs = *inputs;
    return runFunction(module, interpreter, run);
  }
  if (tokens.empty() && tokensFile.empty())
    return makeError("expected --entry, --tokens or --tokens-file");
  ModelRun run;
  run.newTokens = newTokens;
  run.chunk = chunk;
  run.logits = logits;
  run.hidden = hidden;
  run.states = states;
  run.json = json;
  run.single = single;
  if (llvm::Error error = readTokens(run.sequences))
    return error;
  return runModel(module, interpreter, run);
}

llvm::Error mlir::minimax::interpretMain() {
  DialectRegistry registry;
  registerAllDialects(registry);
  registerReferenceModels(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  llvm::SourceMgr sources;
  SourceMgrDiagnosticHandler handler(sources, &context);
  std::string message;
  auto file = openInputFile(input, &message);
  if (!file)
    return makeError(message);
  sources.AddNewSourceBuffer(std::move(file), llvm::SMLoc());
  auto module = parseSourceFile<ModuleOp>(sources, &context);
  if (!module)
    return makeError(input + ": is not a module");
  Interpreter::WeightSource source = makeRandomWeights(seed);
  if (!weights.empty()) {
    auto opened = openWeights(weights);
    if (!opened)
      return opened.takeError();
    source = *opened;
  }
  Interpreter interpreter(source);
  return runChosen(*module, interpreter);
}
