"""Results of minimax-bench and of peers, read from JSON and joined by case."""

import json
import statistics

OURS = "minimax-bench"


class Results:
    """The runs of a folder: each case of a program once, whatever the rounds."""

    def __init__(self, folder):
        self.environment, self.peaks = {}, {}
        self.versions, self.load, self.facts = {}, [], {}
        rounds = {}
        files = sorted(folder.glob("*.json"))
        for file in files:
            try:
                data = json.loads(file.read_text())
                if file.name == "facts.json":
                    self.facts = data
                else:
                    self._add(data, rounds)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise ValueError(f"{file}: not a result of a benchmark ({error!r})") from error
        self.cases = {key: merge(rows) for key, rows in rounds.items()}

    def _add(self, data, rounds):
        environment = data["environment"]
        program = environment.get("program", OURS)
        if program == OURS:
            # One thread is what the targets speak of.
            if not self.environment or environment["threads"] < self.environment["threads"]:
                self.environment = environment
            for name, value in data["peaks"].items():
                if value is not None:
                    self.peaks.setdefault((name, environment["threads"]), []).append(value)
            self.load += environment.get("load", [])[:1]
        else:
            self.versions[program] = environment["version"]
        for row in data["results"]:
            key = (program, row["suite"], row["name"], row["dtype"], row["threads"])
            rounds.setdefault(key + (row.get("variant", ""),), []).append(row)

    def ours(self, suite, pattern=None):
        """Our rows of a suite whose name matches in full, in the order they ran."""
        return [
            row
            for (program, of, name, *_), row in self.cases.items()
            if program == OURS and of == suite and (pattern is None or pattern.fullmatch(name))
        ]

    def find(self, suite, name, dtype, threads=1):
        return self.cases.get((OURS, suite, name, dtype, threads, ""))

    def programs(self, suite):
        """Peers with a result in a suite."""
        names = {key[0] for key in self.cases if key[1] == suite}
        return [program for program in self.versions if program in names]

    def ratios(self, row, program):
        """How often faster we are, by the variant of `program`'s run."""
        key = (program, row["suite"], row["name"], row["dtype"], row["threads"])
        return {
            variant: seconds_per_token(peer) / seconds_per_token(row)
            for (*which, variant), peer in self.cases.items()
            if tuple(which) == key
        }


def seconds_per_token(row):
    """A peer may run a case in other portions than we do."""
    return row["median_s"] / (row.get("tokens") or 1)


def merge(rows):
    """Several rounds as one: medians of the medians, the widest spread."""
    merged = dict(rows[0])
    for name in ("median_s", "rate", "fraction", "rss_growth_bytes"):
        values = [row[name] for row in rows if row.get(name) is not None]
        if values:
            merged[name] = statistics.median(values)
    for name, choose in (("min", min), ("max", max)):
        merged[f"{name}_s"] = choose(row[f"{name}_s"] for row in rows)
        values = [row[f"fraction_{name}"] for row in rows if f"fraction_{name}" in row]
        if values:
            merged[f"fraction_{name}"] = choose(values)
    return merged
