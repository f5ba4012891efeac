"""How the grounding check learns: labelled sentences, variants of them, and the training."""
