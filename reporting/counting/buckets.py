"""Times in buckets that widen by a twenty-fifth each, so that figures can be added up and taken apart, and a time is off by 2% at most.

Medians can't be merged; counts by bucket can. Bucket `b` has the times above 1.04 to the power of `b - 1` seconds, up to 1.04 to the
power of `b`; everything up to a second is in bucket 0. The time said of a bucket lies between its ends, 1.96% from either.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta

GROWTH = 1.04
ERROR = (GROWTH - 1) / (GROWTH + 1)  # the most that a time is off, as a share of it
# The bucket of an interval, in SQL; null of null, and of a time that is below nothing.
SQL = f"CASE WHEN {{0}} >= '0'::interval THEN ceil(ln(greatest(extract(epoch FROM {{0}}), 1)) / ln({GROWTH}))::smallint END"


def bucket_of(stretch: timedelta) -> int:
    return math.ceil(math.log(max(stretch.total_seconds(), 1)) / math.log(GROWTH))


def time_of(bucket: int) -> timedelta:
    return timedelta(seconds=2 * GROWTH**bucket / (GROWTH + 1))


def quantile(counts: Mapping[int, int], share: float) -> timedelta | None:
    """The time that `share` of the counted times take or less (the nearest rank); None where nothing was counted."""
    rank, seen = math.ceil(share * sum(counts.values())), 0
    for bucket in sorted(counts):
        seen += counts[bucket]
        if seen >= rank:
            return time_of(bucket)
    return None
