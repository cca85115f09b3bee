# SPDX-License-Identifier: GPL-3.0-or-later
"""site.yml brings a bare node of every product to its release, and finds nothing to do the second time."""

from __future__ import annotations

import pytest

from products import nodes, runs

NODES = {key: nodes.simulated(key, place) for place, key in enumerate(sorted(nodes.KNOWN.products))}
WITH_RELEASE = sorted(key for key, node in NODES.items() if node.release)
MOST_MODULES = 12  # of a converged node


@pytest.fixture(scope="session")
def results(request):
    """Play the products of the tests that were chosen, once, and print the table."""
    keys = {item.callspec.params["key"] for item in request.session.items if hasattr(item, "callspec")}
    chosen = [NODES[key] for key in sorted(keys)]
    found = runs.play([node for node in chosen if node.release])
    print(f"\n\n{runs.table(chosen, found)}\n")
    return found


@pytest.mark.parametrize("key", WITH_RELEASE)
def test_a_bare_node_is_brought_to_its_release_and_left_alone_then(results, key):
    result = results[key]
    assert (result.failure, result.first, result.second) == ("", "changed", "unchanged")
    assert result.executions <= MOST_MODULES


@pytest.mark.parametrize("key", WITH_RELEASE)
def test_it_has_what_its_release_says_and_nothing_else(results, key):
    bill = NODES[key].bill
    wanted = {part: bill[part] for part in ("driver", "firmware", "cann")}
    if NODES[key].arch == nodes.ARM:
        wanted.update(torch=bill["torch"], torch_npu=bill["torch_npu"])
    found = {part: version and version.lower() for part, version in results[key].after.items()}
    assert found == {part: (wanted.get(part) or "").lower() or None for part in found}


@pytest.mark.parametrize("key", sorted(set(NODES) - set(WITH_RELEASE)))
def test_a_product_without_a_release_is_told_so(key):
    assert (key, NODES[key].product["chip"]) == ("atlas_350", "950")
    assert "Atlas 350" in NODES[key].reason
