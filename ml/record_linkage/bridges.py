"""Links that hold two groups of records together which have little else in common.

Records of one person are linked among each other: who is linked to one is mostly linked to the other. A
link between
two records that each have links of their own, and hardly any in common, rather joins two people who look
alike at one
place, such as father and son; and one such link is enough to make one person of both.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import coo_array

from ml.record_linkage.declaration import Bridges

_ROUNDS = 3


def is_bridge(links: pd.DataFrame, plan: Bridges) -> np.ndarray:
    """Return which links are bridges, shape (links,).

    Parameters
    ----------
    links
        Two columns with the keys of the records that each link joins.
    plan
        From when on a link is one.
    """
    ends = pd.factorize(pd.concat([links.iloc[:, 0], links.iloc[:, 1]]), sort=True)[0]
    left, right = ends[: len(links)], ends[len(links) :]
    size = int(ends.max()) + 1 if len(ends) else 0
    found = np.zeros(len(links), dtype=bool)
    for _ in range(_ROUNDS):
        kept = ~found
        graph = coo_array((np.ones(kept.sum()), (left[kept], right[kept])), shape=(size, size)).tocsr()
        graph = graph + graph.T
        degrees = np.asarray(graph.sum(axis=1)).ravel()
        shared = np.asarray(graph[left].multiply(graph[right]).sum(axis=1)).ravel()
        others = np.minimum(degrees[left], degrees[right]) - 1
        new = kept & (others >= plan.least_links) & (shared < plan.least_shared * others)
        if not new.any():
            break
        found |= new
    return found
