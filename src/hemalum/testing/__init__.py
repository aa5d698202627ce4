"""Shipped test tools: conformance suites and the synthetic slide maker."""
