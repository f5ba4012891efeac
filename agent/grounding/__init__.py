"""Which sentences an entry supports."""

from agent.grounding.check import GroundingCheck, Verdict
from agent.grounding.pair_classifier import PairClassifier

__all__ = ["GroundingCheck", "PairClassifier", "Verdict"]
