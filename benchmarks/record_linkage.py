"""Matching a million records of persons: what learning costs beside predicting and clustering.

Learning looks at a sample, so it must not grow with the records: all three steps against the last two.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import pandas as pd

from benchmarks.measuring import Result, run_python
from ml.record_linkage.declaration import load_linkage
from ml.record_linkage.matching import block, predict, train
from ml.record_linkage.records import Records

RECORDS = 1_000_000
ALLOWED_MEMORY_BYTES = 4_000_000_000
SYLLABLES = np.array(
    ["ma", "ri", "son", "jo", "le", "na", "ka", "tor", "be", "lu", "sa", "mi", "ro", "el", "ta"]
)


def measure() -> list[Result]:
    """Learn, predict and cluster in a process of its own; return time and memory."""
    finished = run_python("benchmarks.record_linkage", str(RECORDS))
    said = json.loads(finished.last_line)
    whole = said["training"] + said["prediction"] + said["clustering"]
    alone = said["prediction"] + said["clustering"]
    return [
        Result(
            f"record linkage: {RECORDS:,} records, learning included",
            whole / alone,
            3.0,
            whole,
            alone,
            "s",
            f"other side: predicting and clustering alone; {said['links']:,} links, precision "
            f"{said['precision']:.4f}, recall {said['recall']:.4f}",
        ),
        Result(
            "record linkage: memory",
            finished.peak_memory_bytes / ALLOWED_MEMORY_BYTES,
            1.0,
            finished.peak_memory_bytes / 1e9,
            ALLOWED_MEMORY_BYTES / 1e9,
            "GB",
            "other side: what is allowed",
        ),
    ]


def persons(count: int, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Return records with errors of persons in households, and which person each record is."""
    random = np.random.default_rng(seed)
    people = int(count / 1.4)
    homes = people // 2
    home = random.integers(0, homes, people)
    family = _words(random, 20_000, 4)[_skewed(random, 20_000, homes)][home]
    given = _words(random, 1_500, 3)[_skewed(random, 1_500, people)]
    streets = _words(random, 3_000, 3)[random.integers(0, 3_000, homes)]
    numbers = random.integers(1, 300, homes).astype(str)
    days = np.datetime64("1940-01-01") + random.integers(0, 24_000, people)
    who = np.sort(np.concatenate([np.arange(people), random.integers(0, people, count - people)]))
    frame = pd.DataFrame(
        {
            "given_name": _with_slips(random, given[who], 0.1),
            "family_name": _with_slips(random, family[who], 0.1),
            "birth_date": _with_gaps(random, np.datetime_as_string(days)[who], 0.1),
            "street_address": _with_gaps(
                random, np.char.add(np.char.add(numbers, " "), streets.astype(str))[home][who], 0.1
            ),
            "city": _words(random, 500, 3)[(home % 500)[who]],
            "postal_code": np.char.mod("%05d", home // 25)[who],
            "email": _with_gaps(random, np.char.mod("mailbox%d@mail.com", np.arange(people))[who], 0.4),
            "phone": _with_gaps(random, np.char.mod("+1%010d", 2_000_000_000 + home)[who], 0.4),
        }
    )
    for column in ("national_id", "gender", "birth_place", "occupation", "employer"):
        frame[column] = pd.Series([None] * count, dtype="string")
    frame["canonical_given_name"] = frame["given_name"]
    frame["customer_key"] = np.char.mod("r%08d", random.permutation(count))
    return frame, who


def _words(random: np.random.Generator, count: int, syllables: int) -> np.ndarray:
    drawn = SYLLABLES[random.integers(0, len(SYLLABLES), (count * 20, syllables))]
    cut = random.integers(2, syllables + 1, count * 20)
    words = {"".join(row[:length]) for row, length in zip(drawn, cut, strict=True)}
    return np.array(sorted(words), dtype=object)[:count][random.permutation(min(count, len(words)))]


def _skewed(random: np.random.Generator, kinds: int, count: int) -> np.ndarray:
    """Draw by Zipf's law, as names are given."""
    return np.minimum((kinds ** random.random(count)).astype(int) - 1, kinds - 1) % kinds


def _with_slips(random: np.random.Generator, texts: np.ndarray, share: float) -> pd.Series:
    slipped = texts.astype(object).copy()
    for place in np.flatnonzero(random.random(len(texts)) < share):
        text = slipped[place]
        at = 1 + place % (len(text) - 1)
        slipped[place] = text[:at] + text[at + 1 :]
    return pd.Series(slipped, dtype="string")


def _with_gaps(random: np.random.Generator, texts: np.ndarray, share: float) -> pd.Series:
    return pd.Series(texts, dtype="string").mask(random.random(len(texts)) < share)


def _clusters(frame: pd.DataFrame, links: pd.DataFrame) -> np.ndarray:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    index = pd.Index(frame["customer_key"])
    ends = [index.get_indexer(links[column]) for column in ("customer_key_a", "customer_key_b")]
    graph = coo_matrix((np.ones(len(links)), tuple(ends)), shape=(len(frame), len(frame)))
    return connected_components(graph, directed=False)[1]


def _pairs(*labels: np.ndarray) -> float:
    sizes = pd.DataFrame(dict(enumerate(labels))).value_counts()
    return float((sizes * (sizes - 1) / 2).sum())


def main(count: int) -> None:
    """Print the seconds of each step and how good the clusters are."""
    frame, who = persons(count)
    declaration = load_linkage("person_matching")
    records = Records(frame, declaration.key, declaration.columns - {declaration.key})
    began = time.perf_counter()
    # Which pairs are compared is found once, for learning and for prediction.
    block(declaration, records)
    started = time.perf_counter()
    model = train(declaration, records)
    trained = time.perf_counter()
    links = predict(declaration, model, records)
    predicted = time.perf_counter()
    joining = links[links["is_above_threshold"]]
    clusters = _clusters(frame, joining)
    clustered = time.perf_counter()
    found = _pairs(clusters, who)
    print(
        json.dumps(
            {
                "training": trained - started,
                "prediction": predicted - trained + started - began,
                "clustering": clustered - predicted,
                "blocking": started - began,
                "pairs": records.pair_count,
                "links": len(joining),
                "precision": found / max(_pairs(clusters), 1),
                "recall": found / _pairs(who),
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
