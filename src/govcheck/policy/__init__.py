"""Policy files: read, checked in every respect, and typed."""

from govcheck.policy.discover import discover, line_reader
from govcheck.policy.load import load_policies
from govcheck.policy.parameters import parse_settings
from govcheck.policy.schema import KINDS, bundled
from govcheck.policy.types import PolicySet

__all__ = ["KINDS", "PolicySet", "bundled", "discover", "line_reader", "load_policies", "parse_settings"]
