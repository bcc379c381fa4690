//===- checkpoint.cc - the safetensors files of a model folder ------------===//
//
// Opens a single file or all shards of an index and checks that the index and
// the shards name the same tensors.
//
//===----------------------------------------------------------------------===//
#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "formats/file_error.h"
#include "formats/json.h"
#include "formats/safetensors.h"
#include "formats/status_macros.h"

namespace minimax::runtime {

constexpr char kSingleFile[] = "model.safetensors";
constexpr char kIndexFile[] = "model.safetensors.index.json";

// Tensor name -> shard file name, as the index says.
using WeightMap = std::map<std::string, std::string>;

static bool Exists(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0;
}

// The names of the *.safetensors files in `dir`, sorted.
static absl::StatusOr<std::vector<std::string>> ListSafetensors(
    const std::string& dir) {
  DIR* stream = opendir(dir.c_str());
  if (stream == nullptr) return FileError(errno, dir, "open");
  std::vector<std::string> names;
  while (const dirent* entry = readdir(stream))
    if (absl::EndsWith(entry->d_name, ".safetensors"))
      names.push_back(entry->d_name);
  closedir(stream);
  std::sort(names.begin(), names.end());
  return names;
}

// A shard must be a file of the model folder itself.
static bool IsShardName(absl::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find('/') == absl::string_view::npos &&
         name.find('\\') == absl::string_view::npos &&
         name.find('\0') == absl::string_view::npos;
}

static absl::StatusOr<WeightMap> ReadIndex(const std::string& path) {
  MMRT_ASSIGN_OR_RETURN(MappedFile file, MappedFile::Open(path));
  MMRT_ASSIGN_OR_RETURN(Json json, ParseJson(file.contents(), path));
  JsonReader reader(json, path);
  const Json* map = reader.RequiredObject("weight_map");
  MMRT_RETURN_IF_ERROR(reader.status());
  WeightMap weights;
  for (const auto& [tensor, shard] : map->items()) {
    std::string& name = weights[tensor];
    if (ReadJson(shard, &name) != nullptr || !IsShardName(name))
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": tensor '", tensor,
                       "': expected the name of a file in the same folder, "
                       "but got ",
                       DescribeJson(shard)));
  }
  return weights;
}

static absl::Status CheckShard(const SafetensorsFile& shard,
                               const std::string& name,
                               const WeightMap& weights,
                               const std::string& index_path) {
  for (const TensorView& tensor : shard.tensors()) {
    auto found = weights.find(tensor.name);
    if (found == weights.end() || found->second != name)
      return absl::InvalidArgumentError(
          absl::StrCat(shard.path(), ": tensor '", tensor.name,
                       "' is not assigned to this file by ", index_path));
  }
  return absl::OkStatus();
}

absl::Status Checkpoint::OpenFile(const std::string& name) {
  MMRT_ASSIGN_OR_RETURN(SafetensorsFile file,
                        SafetensorsFile::Open(absl::StrCat(dir_, "/", name)));
  files_.push_back(std::move(file));
  for (const TensorView& tensor : files_.back().tensors())
    index_[tensor.name] = &tensor;
  return absl::OkStatus();
}

absl::Status Checkpoint::OpenShards(const std::string& index_path) {
  MMRT_ASSIGN_OR_RETURN(WeightMap weights, ReadIndex(index_path));
  std::set<std::string> shards;
  for (const auto& [tensor, shard] : weights) shards.insert(shard);
  for (const std::string& shard : shards) {
    MMRT_RETURN_IF_ERROR(OpenFile(shard));
    MMRT_RETURN_IF_ERROR(CheckShard(files_.back(), shard, weights, index_path));
  }
  for (const auto& [tensor, shard] : weights)
    if (Find(tensor) == nullptr)
      return absl::InvalidArgumentError(
          absl::StrCat(dir_, "/", shard, ": tensor '", tensor,
                       "' is missing, but ", index_path, " assigns it"));
  return absl::OkStatus();
}

absl::StatusOr<Checkpoint> Checkpoint::Open(const std::string& dir) {
  Checkpoint checkpoint;
  checkpoint.dir_ = dir;
  std::string index_path = absl::StrCat(dir, "/", kIndexFile);
  if (Exists(index_path)) {
    MMRT_RETURN_IF_ERROR(checkpoint.OpenShards(index_path));
    return checkpoint;
  }
  MMRT_ASSIGN_OR_RETURN(std::vector<std::string> names, ListSafetensors(dir));
  if (std::find(names.begin(), names.end(), kSingleFile) != names.end())
    names = {kSingleFile};
  if (names.empty())
    return absl::NotFoundError(
        absl::StrCat(dir, ": holds no .safetensors file"));
  if (names.size() > 1)
    return absl::InvalidArgumentError(
        absl::StrCat(dir, ": holds several .safetensors files but no ",
                     kIndexFile, ": ", absl::StrJoin(names, ", ")));
  MMRT_RETURN_IF_ERROR(checkpoint.OpenFile(names[0]));
  return checkpoint;
}

const TensorView* Checkpoint::Find(absl::string_view name) const {
  auto found = index_.find(name);
  return found == index_.end() ? nullptr : found->second;
}

absl::StatusOr<const TensorView*> Checkpoint::Get(
    absl::string_view name) const {
  const TensorView* tensor = Find(name);
  if (tensor == nullptr)
    return absl::NotFoundError(
        absl::StrCat(dir_, ": missing tensor '", name, "'"));
  return tensor;
}

std::vector<std::string> Checkpoint::Names() const {
  std::vector<std::string> names;
  names.reserve(index_.size());
  for (const auto& [name, tensor] : index_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace minimax::runtime
