"""Governance as code for hybrid teams: policies in, findings per team out."""

__version__ = "0.1.0"
