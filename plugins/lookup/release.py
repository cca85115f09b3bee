# Copyright: (c) 2026, the ascend.fleet contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resolve a release for one product."""

from __future__ import annotations

DOCUMENTATION = r"""
name: release
short_description: Resolve a release of the catalog for one product
version_added: 0.1.0
author:
  - The ascend.fleet contributors (@ascend-fleet)
description:
  - A release is a tested set of all versions, one file in C(catalog/releases/), the collection's or your own.
  - The answer holds the versions and package files that a node of this product gets, and nothing else.
  - Fails with what does not fit and with the nearest thing that does.
  - Reads files of the controller only; no network, no host.
options:
  _terms:
    description:
      - Names of releases, such as V(cann-8.0.0).
      - V(newest) is the newest release that fits the product and the wishes.
    type: list
    elements: str
    required: true
  product:
    description: Key of the product in C(catalog/products.yml), such as V(atlas_800t_a2).
    type: str
    required: true
  arch:
    description: Architecture of the host. Needed only for a product that comes with several.
    type: str
  python:
    description:
      - Minor version of the Python of the environment, as text, such as V("3.9").
      - The release names the default.
    type: str
  torch:
    description:
      - Version of torch. The default is the first of the release that has wheels for this Python.
      - V(none) for a host that is to have no torch.
    type: str
  mindspore:
    description:
      - Version of MindSpore. The default is the first of the release that has wheels for this Python, if any.
    type: str
  system:
    description:
      - The fact C(distribution) of the host, to hold its C library against the wheels.
      - Goes with O(system_version).
      - For a system that the catalog does not know, nothing is said about the C library.
    type: str
    version_added: 0.2.0
  system_version:
    description: The fact C(distribution_version) of the host, such as V("18.04").
    type: str
    version_added: 0.2.0
  glibc:
    description:
      - Version of the C library of a host whose system is not known, such as V("2.17").
      - Without O(system) and without it, nothing is said about the C library.
    type: str
    version_added: 0.2.0
extends_documentation_fragment:
  - ascend.fleet.catalog
seealso:
  - plugin: ascend.fleet.product
    plugin_type: lookup
  - plugin: ascend.fleet.system
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Show what a node gets
  ansible.builtin.debug:
    msg: "{{ lookup('ascend.fleet.release', 'cann-8.0.0', product='atlas_800t_a2') }}"

- name: Ask for one torch in one Python
  ansible.builtin.set_fact:
    stack: >-
      {{ lookup('ascend.fleet.release', 'cann-8.0.0', product='atlas_800t_a2', python='3.10',
         torch='2.3.1') }}

- name: Find the newest release with this torch
  ansible.builtin.debug:
    msg: "{{ lookup('ascend.fleet.release', 'newest', product='atlas_800t_a2', torch='2.6.0').release }}"

- name: Take a release of your own, and learn why it does not fit instead of failing
  ansible.builtin.set_fact:
    answer: >-
      {{ lookup('ascend.fleet.release', 'our-stack-7', product='atlas_800_9000', catalog=['/srv/catalog'],
         explain=true) }}
"""

RETURN = r"""
_raw:
  description: One mapping for each release.
  type: list
  elements: dict
  contains:
    release: {description: Name of the release., type: str, sample: cann-8.0.0}
    product: {description: Key of the product., type: str, sample: atlas_800t_a2}
    chip: {description: Key of the chip family., type: str, sample: 910b}
    arch: {description: Architecture of the host., type: str, sample: aarch64}
    driver: {description: Version of the driver; V(null) where there is none., type: str, sample: 24.1.0}
    firmware: {description: Version of the firmware; V(null) without one., type: str, sample: 7.5.0.2.220}
    mcu: {description: Version of the MCU package; V(null) when none is known., type: str, sample: null}
    cann: {description: Version of CANN., type: str, sample: 8.0.0}
    layout: {description: Install tree of CANN., type: str, sample: ascend-toolkit}
    drivers:
      description:
        - The drivers on which the vendor says that this CANN works, and on which it fails.
        - Each stands for every version that begins with it.
        - A driver that is in no list has not been spoken of.
      type: dict
      sample: {works: [24.1.rc2, 24.1.0], fails: []}
    packages:
      description: The package files in the order of a first installation.
      type: list
      elements: dict
      contains:
        part: {description: The part., type: str, sample: driver}
        version: {description: Version of the part., type: str, sample: 24.1.0}
        arch: {description: Architecture of the file; V(null) when it is for all., type: str, sample: aarch64}
        file:
          description: Name of the file.
          type: str
          sample: Ascend-hdk-910b-npu-driver_24.1.0_linux-aarch64.run
        sha256: {description: Checksum; V(null) when nobody published one., type: str, sample: null}
        url: {description: Where the vendor offers the file; V(null) when not known., type: str}
        login:
          description: The page that offers the file to those who log in; V(null) when nobody has to.
          type: str
          sample: null
        archive:
          description:
            - The vendor's zip file that holds this file and its signature, as C(file), C(sha256) and C(url).
            - V(null) when none is published.
          type: dict
          sample:
            file: Ascend-hdk-910b-npu_24.1.0_linux-aarch64.zip
            sha256: c5c0b9fa63d5ac8c04b4bd33b9db4fcba1e3cc5bd8b3ff3fb9d4d9a7e6ccb7f4
            url: https://vendor.example/Ascend-hdk-910b-npu_24.1.0_linux-aarch64.zip
        other_arch_files:
          description: What the same package is called for other architectures, so that a mix-up can be named.
          type: list
          elements: str
          sample: [Ascend-hdk-910b-npu-driver_24.1.0_linux-x86-64.run]
    torch: {description: Version of torch., type: str, sample: 2.4.0}
    torch_npu: {description: Version of torch_npu that belongs to it., type: str, sample: 2.4.0.post2}
    mindspore: {description: Version of MindSpore; V(null) when none fits., type: str, sample: 2.5.0}
    mindspore_project: {description: What pip calls MindSpore., type: str, sample: mindspore}
    cann_wheels:
      description: Wheels out of CANN's C(lib64) that MindSpore needs.
      type: list
      elements: str
      sample: [te, hccl]
    python: {description: Minor version of Python., type: str, sample: "3.9"}
    python_packages:
      description: What pip has to install beside the framework.
      type: list
      elements: str
      sample: [protobuf==3.20.0, attrs]
    mindspore_packages:
      description:
        - What pip has to install beside MindSpore.
        - It can differ from C(python_packages), so that both need environments of their own.
      type: list
      elements: str
      sample: [protobuf==3.20.0, attrs]
    notes:
      description: What to know about this stack, such as a version that is not known, or a file not used.
      type: list
      elements: str
      sample: []
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog_lookup import CatalogLookup
from ansible_collections.ascend.fleet.plugins.plugin_utils._release import Request, resolve

if TYPE_CHECKING:
    from ansible_collections.ascend.fleet.plugins.plugin_utils._catalog import Catalog

_OPTIONS = ("product", "arch", "python", "torch", "mindspore", "glibc")


class LookupModule(CatalogLookup):
    """The lookup C(ascend.fleet.release)."""

    def find(self, catalog: Catalog, term: str) -> dict[str, Any]:
        """Resolve the release C(term) for the options of this call."""
        wishes: dict[str, Any] = {name: self.get_option(name) or None for name in _OPTIONS}
        system = (self.get_option("system"), self.get_option("system_version"))
        return resolve(catalog, Request(release=term, system=system if all(system) else None, **wishes))
